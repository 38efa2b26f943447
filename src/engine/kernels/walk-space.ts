// The memory of one opened forest: the packed bytes from address 0, then a block of rows, one row of its own, the sums.
// It makes the walks over that memory, in WebAssembly where the host has it and plainly where not.
import { type PackedForest, sumBytes, toLine } from "./packed-forest.ts";
import type { Numbers } from "./row-writer.ts";
import { plainWalk } from "./walk-plain.ts";
import { rowMultiple, type Walk, type WalkShape } from "./walk-shape.ts";
import { wasmWalk } from "./walk-wasm.ts";

export interface SpaceOptions {
  /** `wasm` fails where the host has none; `auto` walks plainly there. @default "auto" */
  readonly engine?: "auto" | "wasm" | "plain";
  /** Whether other threads may see the memory. Needs WebAssembly threads. @default false */
  readonly shared?: boolean;
  /** The shared memory that holds the packed bytes from address 0 already, and which of its threads this one is. */
  readonly placed?: { readonly memory: WebAssembly.Memory; readonly thread: number };
}

export interface WalkSpace {
  readonly engine: "wasm" | "plain";
  readonly buffer: ArrayBufferLike;
  readonly walkFor: (shape: WalkShape) => Walk;
  readonly rowsAt: number;
  readonly oneRowAt: number;
  readonly sumsAt: number;
  /** All sums of a block. */
  readonly sums: Numbers;
  /** How many rows of `stride` bytes make a block, a multiple of `rowMultiple`. */
  readonly blockRows: (stride: number) => number;
  /** Lets the first `count` rows' sums begin at the base. */
  readonly startSums: (count: number) => void;
}

/** Blocks are long so that a tree, once near, serves many rows; but they are not to push it out of the cache again. */
const mostBlockRows = 4096;
const blockBytes = 2 ** 20;
const pageBytes = 65536;

/** `rowBytes` is the longest row that will be written. */
export function openSpace(packed: PackedForest, rowBytes: number, options: SpaceOptions): WalkSpace {
  const { base, bytes } = packed;
  const outputs = base.length;
  const sumRowBytes = Math.max(1, outputs) * sumBytes(packed.sum);
  const sumRows = blockOf(sumRowBytes, blockBytes, mostBlockRows);
  const rowsBytes = toLine(blockOf(rowBytes, blockBytes, mostBlockRows) * rowBytes);
  const ownBytes = rowsBytes + toLine(rowBytes) + toLine(sumRows * sumRowBytes);
  const { placed } = options;
  // Threads of one memory write side by side behind the bytes that they all read.
  const rowsAt = toLine(bytes.length) + (placed?.thread ?? 0) * ownBytes;
  const oneRowAt = rowsAt + rowsBytes;
  const sumsAt = oneRowAt + toLine(rowBytes);
  const end = rowsAt + ownBytes;
  const memory = options.engine === "plain" ? null : (placed?.memory ?? openMemory(end, options));
  if (placed !== undefined) growTo(placed.memory, end);
  const buffer = memory?.buffer ?? new ArrayBuffer(toLine(end));
  if (placed === undefined || memory === null) new Uint8Array(buffer).set(bytes);
  const sums =
    packed.sum === "f32"
      ? new Float32Array(buffer, sumsAt, sumRows * outputs)
      : new Float64Array(buffer, sumsAt, sumRows * outputs);
  const shared = placed !== undefined || options.shared === true;
  return {
    engine: memory === null ? "plain" : "wasm",
    buffer,
    walkFor: (shape) => (memory === null ? plainWalk(shape, buffer) : wasmWalk(shape, memory, shared)),
    rowsAt,
    oneRowAt,
    sumsAt,
    sums,
    blockRows: (stride) => blockOf(stride, rowsBytes, sumRows),
    startSums(count) {
      if (outputs === 1) sums.fill(base[0], 0, count);
      else for (let row = 0; row < count; row++) sums.set(base, row * outputs);
    },
  };
}

/** When two threads grow it at once it becomes larger than it must be. */
function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
}

function blockOf(rowBytes: number, room: number, most: number): number {
  const rows = Math.min(most, Math.floor(room / rowBytes));
  return Math.max(rowMultiple, rows - (rows % rowMultiple));
}

/** Null where the host has no WebAssembly, forbids it, or has no room for the memory, unless it was asked for by name. */
function openMemory(bytes: number, { engine, shared }: SpaceOptions): WebAssembly.Memory | null {
  const initial = Math.ceil(bytes / pageBytes);
  try {
    return new WebAssembly.Memory(shared === true ? { initial, maximum: 65536, shared: true } : { initial });
  } catch (error) {
    if (engine === "wasm") throw error;
    return null;
  }
}

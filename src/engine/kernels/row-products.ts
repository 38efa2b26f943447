// The products of the columns of dense rows with one another, summed over the rows: a block of rows at a time, four columns by
// four, two doubles at once.
import {
  FunctionLocals,
  f64x2,
  get,
  i32,
  repeatWhile,
  sequence,
  set,
  tee,
  v128,
  type WasmFunction,
  wasmModule,
} from "./wasm-emitter.ts";

export interface RowProducts {
  /** The block: `blockRows` rows of `stride` numbers each. Columns that are none of the caller's stay 0. */
  readonly cells: Float64Array;
  readonly stride: number;
  /** Adds the products of the first `count` rows of the block. */
  add(count: number): void;
  /** The sum for two columns. */
  of(column: number, other: number): number;
}

/** A block and what it is multiplied with stay in the nearest cache. */
export const blockRows = 128;
const tile = 4;

export function openRowProducts(columns: number): RowProducts {
  const tiles = Math.ceil(columns / tile);
  const stride = tiles * tile;
  const cellBytes = blockRows * stride * 8;
  const tileBytes = tile * tile * 8;
  const bytes = cellBytes + ((tiles * (tiles + 1)) / 2) * tileBytes;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
  const addTile = kernelOver(memory);
  const sums = new Float64Array(memory.buffer, cellBytes, (bytes - cellBytes) / 8);
  const placeOf = (row: number, column: number): number => (row * (row + 1)) / 2 + column;
  return {
    cells: new Float64Array(memory.buffer, 0, blockRows * stride),
    stride,
    add: (count) => {
      if (count === 0) return;
      for (let row = 0; row < tiles; row++) {
        for (let column = 0; column <= row; column++) {
          const out = cellBytes + placeOf(row, column) * tileBytes;
          addTile(row * tile * 8, column * tile * 8, stride * 8, count, out);
        }
      }
    },
    of: (column, other) => {
      const [high, low] = column < other ? [other, column] : [column, other];
      const place = placeOf(Math.floor(high / tile), Math.floor(low / tile));
      return sums[place * tile * tile + (high % tile) * tile + (low % tile)] as number;
    },
  };
}

type AddTile = (left: number, right: number, step: number, count: number, out: number) => void;

let compiled: WebAssembly.Module | undefined;

function kernelOver(memory: WebAssembly.Memory): AddTile {
  compiled ??= new WebAssembly.Module(wasmModule([tileFunction()], false));
  return new WebAssembly.Instance(compiled, { host: { memory } }).exports["add"] as unknown as AddTile;
}

function tileFunction(): WasmFunction {
  const locals = new FunctionLocals();
  const [left, right, step, count, out] = [0, 1, 2, 3, 4].map(() => locals.param("i32"));
  if (!left || !right || !step || !count || !out) throw new TypeError("a kernel has five parameters");
  const sums = locals.lanes("v128", (tile * tile) / 2);
  const pairs = locals.lanes("v128", tile / 2);
  const value = locals.local("v128");
  const perRow = tile / 2;
  const body = sequence(
    ...sums.map((sum, at) => set(sum, v128.load(get(out), at * 16))),
    repeatWhile(
      sequence(
        ...pairs.map((pair, at) => set(pair, v128.load(get(right), at * 16))),
        ...Array.from({ length: tile }, (_, row) =>
          sequence(
            set(value, v128.loadBoth64(get(left), row * 8)),
            ...pairs.map((pair, at) => {
              const sum = sums[row * perRow + at];
              return sum === undefined ? [] : set(sum, f64x2.add(get(sum), f64x2.mul(get(value), get(pair))));
            }),
          ),
        ),
        set(left, i32.add(get(left), get(step))),
        set(right, i32.add(get(right), get(step))),
      ),
      tee(count, i32.sub(get(count), i32.const(1))),
    ),
    ...sums.map((sum, at) => v128.store(get(out), get(sum), at * 16)),
  );
  return { name: "add", params: locals.params, locals: locals.locals, body };
}

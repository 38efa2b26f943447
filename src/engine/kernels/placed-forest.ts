// A packed forest in a memory that threads share: its bytes from address 0, each thread's rows and sums behind them. Sent to
// another thread, nothing of it is copied.
import type { ForestArrays, RowShape } from "./forest-arrays.ts";
import { packForest } from "./pack-forest.ts";
import type { PackedForest } from "./packed-forest.ts";

export interface PlacedForest {
  readonly packed: PackedForest;
  /** Null where the host gave no shared memory: every thread then copies the bytes into one of its own. */
  readonly memory: WebAssembly.Memory | null;
}

/** Null: the forest does not fit into 32-bit addresses. */
export function placeForest(forest: ForestArrays, row: RowShape): PlacedForest | null {
  let memory: WebAssembly.Memory | null = null;
  const packed = packForest(forest, row, (length) => {
    memory = sharedMemory(length);
    return memory === null ? new Uint8Array(length) : new Uint8Array(memory.buffer, 0, length);
  });
  return packed === null ? null : { packed, memory };
}

/** The most that a shared memory may grow to must be said; all kernels say the same. */
function sharedMemory(bytes: number): WebAssembly.Memory | null {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 65536, shared: true });
  } catch {
    return null;
  }
}

// How many threads score. In a module of its own: it is asked before anything else of this folder is loaded.
import { availableParallelism } from "node:os";

/** Of a user who says nothing: one a core, up to 8. */
export function scoreThreads(asked: number | undefined): number {
  return asked ?? Math.min(availableParallelism(), 8);
}

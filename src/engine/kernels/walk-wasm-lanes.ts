// What the kinds of walk have in common: some lanes, each a walk of its own, stepped in turn so that their loads overlap.
import type { Code, Local } from "./wasm-emitter.ts";

export interface LaneRun {
  readonly row: Local;
  /** Bytes from one lane's row to the next lane's; 0 when all lanes walk the same row. */
  readonly spacing: number;
  /** At least 1. */
  readonly trips: Code;
  /** 1: go on after `trips` until all lanes have arrived. */
  readonly tail: Code;
}

export interface LaneWalk {
  /** Each lane's position. */
  readonly lanes: readonly Local[];
  /** Puts each lane at its root. */
  readonly start: (root: (lane: number) => Code) => Code;
  /** Walks all lanes to their leaves. */
  readonly run: (run: LaneRun) => Code;
  /** The address of the leaf at which a lane has arrived; `leaves` is where its tree's leaves begin. */
  readonly leafAddress: (lane: number, leaves: Code) => Code;
}

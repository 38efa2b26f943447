// The port for what a host brings to compute one batch on several threads. Each thread holds the same model.
import type { Batch } from "../data/batch.ts";
import type { Predictions } from "../data/predictions.ts";

export interface ThreadPool {
  /** How many threads there are, at least 1. */
  readonly size: number;
  /** Answers a part of a batch on thread `index`. The part is the pool's from now on. */
  predict(index: number, part: Batch, methods: readonly string[]): Promise<Predictions>;
  close(): void;
}

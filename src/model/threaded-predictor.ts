// One model on several threads. A large batch is cut into contiguous ranges of rows, one a thread; the answers are put together
// in order. Every row is computed by the same code over the same bytes, so the answers have the same bits for every cut.
//
// A batch stays on the calling thread when cutting it would not pay: below `minRows` rows, or where all its rows cost less than
// `minWork` of what `rowCost` counts, or when its rows are records and one costs less than `minRecordCost`: copying objects to
// another thread costs more than that. The figures were measured by `npm run bench -- threads`.
import { type Batch, rowCountOf, rowsOf } from "../data/batch.ts";
import type { Predictions } from "../data/predictions.ts";
import { joinPredictions } from "./join-predictions.ts";
import type { AsyncPredictor, PredictOptions, SyncPredictor } from "./predictor.ts";
import type { ThreadPool } from "./thread-pool.ts";

export interface ThreadedParts {
  /** Answers small batches, on the calling thread. */
  readonly predictor: SyncPredictor;
  readonly pool: ThreadPool;
  /** What one row costs, as `rowCost` counts it. */
  readonly rowCost: number;
}

export const minRows = 2000;
export const minWork = 2_000_000;
export const minRecordCost = 1500;

/** It is async as a whole: whoever awaits a large batch awaits small ones too, which are ready by then. Closes the pool, too. */
export function threadedPredictor({ predictor, pool, rowCost }: ThreadedParts): AsyncPredictor {
  const defaults = predictor.methods.slice(0, 1);
  return {
    kind: "async",
    input: predictor.input,
    methods: predictor.methods,
    async predict(batch: Batch, options: PredictOptions = {}): Promise<Predictions> {
      const rowCount = rowCountOf(batch);
      const methods = options.methods ?? defaults;
      const isKnown = methods.every((method) => predictor.methods.includes(method));
      if (!isKnown || !paysOff(batch, rowCount, rowCost)) return predictor.predict(batch, { methods });
      const starts = Array.from({ length: pool.size + 1 }, (_, at) => Math.round((rowCount * at) / pool.size));
      const parts = starts.slice(1).map((end, index) => {
        const part = rowsOf(batch, starts[index] as number, end);
        return pool.predict(index, part, methods);
      });
      try {
        return joinPredictions(await Promise.all(parts), rowCount);
      } catch (error) {
        // A record may hold what no other thread can be given, such as a function: the model refuses it row by row.
        if (error instanceof Error && error.name === "DataCloneError") return predictor.predict(batch, { methods });
        throw error;
      }
    },
    close() {
      pool.close();
      predictor.close();
    },
  };
}

function paysOff(batch: Batch, rowCount: number, rowCost: number): boolean {
  if (rowCount < minRows || rowCount * rowCost < minWork) return false;
  return batch.kind !== "records" || rowCost >= minRecordCost;
}

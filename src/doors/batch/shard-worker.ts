// What a worker thread of a batch job runs: it opens the target on its own and scores the shards that it is given.
import { trimaranError } from "../../base/errors.ts";
import { answerRequests } from "../../io/worker-entry.ts";
import type { OpenServiceOptions } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { ShardJob, ShardTask } from "./shard.ts";
import { ShardScorer } from "./shard-scorer.ts";

export type ShardRequest =
  /** The code that everything else needs. */
  | { readonly kind: "load" }
  | { readonly kind: "open"; readonly target: string; readonly options: OpenServiceOptions }
  | { readonly kind: "job"; readonly job: ShardJob }
  | { readonly kind: "shard"; readonly task: ShardTask }
  /** The job is done: what it held is freed. */
  | { readonly kind: "end" }
  /** Whatever it does fails soon. A thread that is ended while DuckDB works takes the process with it. */
  | { readonly kind: "stop" };

let service: PredictionService | null = null;
let scorer: ShardScorer | null = null;
let stopping = new AbortController();

answerRequests(async (request) => {
  const asked = request as ShardRequest;
  switch (asked.kind) {
    case "load": {
      await Promise.all([import("../../serving/open-service.ts"), import("@duckdb/node-api")]);
      return { value: null };
    }
    case "open": {
      const { openService } = await import("../../serving/open-service.ts");
      service = await openService(asked.target, asked.options);
      return { value: null };
    }
    case "job": {
      if (service === null) throw new TypeError("shard-worker: nothing is open");
      await endJob();
      assertSameModels(service, asked.job);
      stopping = new AbortController();
      scorer = new ShardScorer({ service, job: asked.job, signal: stopping.signal });
      return { value: null };
    }
    case "shard": {
      if (scorer === null) throw new TypeError("shard-worker: there is no job");
      return { value: await scorer.score(asked.task) };
    }
    case "end":
      await endJob();
      return { value: null };
    case "stop":
      stopping.abort();
      return { value: null };
  }
});

async function endJob(): Promise<void> {
  const ended = scorer;
  scorer = null;
  await ended?.[Symbol.asyncDispose]();
}

/** An alias may have moved since the plan was made. @throws BATCH_CHANGED */
function assertSameModels({ models }: PredictionService, { modelDigests }: ShardJob): void {
  const moved = models.find(({ digest }, at) => digest !== modelDigests[at]);
  if (moved !== undefined) throw trimaranError("BATCH_CHANGED", { name: moved.uri });
}

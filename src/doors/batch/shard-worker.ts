// What a worker thread of a batch job runs: it opens the target on its own and scores the shards that it is given.
import { answerRequests } from "../../io/worker-entry.ts";
import type { OpenServiceOptions } from "../../serving/open-service.ts";
import { JobScorer } from "./job-scorer.ts";
import type { ShardJob, ShardTask } from "./shard.ts";

export type ShardRequest =
  /** The code that everything else needs. */
  | { readonly kind: "load" }
  | { readonly kind: "open"; readonly target: string; readonly options: OpenServiceOptions }
  | { readonly kind: "begin"; readonly job: ShardJob }
  | { readonly kind: "score"; readonly task: ShardTask }
  | { readonly kind: "end" }
  /** A thread that is ended while DuckDB works takes the process with it: what it does fails soon instead. */
  | { readonly kind: "stop" };

let scorer: JobScorer | null = null;

answerRequests(async (request) => ({ value: await answer(request as ShardRequest) }));

async function answer(request: ShardRequest): Promise<unknown> {
  switch (request.kind) {
    case "load":
      await Promise.all([import("../../serving/open-service.ts"), import("@duckdb/node-api")]);
      return null;
    case "open": {
      const { openService } = await import("../../serving/open-service.ts");
      scorer = new JobScorer(await openService(request.target, request.options));
      return null;
    }
    case "begin":
      await opened().begin(request.job);
      return null;
    case "score":
      return await opened().score(request.task);
    case "end":
      await scorer?.end();
      return null;
    case "stop":
      scorer?.stop();
      return null;
  }
}

function opened(): JobScorer {
  if (scorer === null) throw new TypeError("shard-worker: nothing is open");
  return scorer;
}

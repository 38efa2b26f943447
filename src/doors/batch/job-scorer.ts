// What one thread scores with: a target that is open, and one job after the other.
import { trimaranError } from "../../base/errors.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { ShardJob, ShardReport, ShardTask } from "./shard.ts";
import { ShardScorer } from "./shard-scorer.ts";

export class JobScorer {
  readonly #service: PredictionService;
  #scorer: ShardScorer | null = null;
  #stopping = new AbortController();

  constructor(service: PredictionService) {
    this.#service = service;
  }

  /** Ends the job before it. @throws BATCH_CHANGED */
  async begin(job: ShardJob): Promise<void> {
    await this.end();
    assertSame(this.#service, job);
    this.#stopping = new AbortController();
    this.#scorer = new ShardScorer({ service: this.#service, job, signal: this.#stopping.signal });
  }

  /** @throws what `ShardScorer.score` throws */
  async score(task: ShardTask): Promise<ShardReport> {
    if (this.#scorer === null) throw new TypeError("job-scorer: there is no job");
    return await this.#scorer.score(task);
  }

  /** What it scores fails soon. */
  stop(): void {
    this.#stopping.abort();
  }

  /** What the job held is freed. */
  async end(): Promise<void> {
    const ended = this.#scorer;
    this.#scorer = null;
    await ended?.[Symbol.asyncDispose]();
  }
}

/** A file may have been written, an alias may have moved since the plan was made. @throws BATCH_CHANGED */
function assertSame({ name, definitionDigest, models }: PredictionService, job: ShardJob): void {
  if (definitionDigest !== job.definitionDigest) {
    throw trimaranError("BATCH_CHANGED", { name: `the definition of ${name}` });
  }
  const moved = models.find(({ digest }, at) => digest !== job.modelDigests[at]);
  if (moved !== undefined) throw trimaranError("BATCH_CHANGED", { name: moved.uri });
}

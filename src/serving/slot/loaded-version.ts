// One version of a model in memory: it counts what it answers, and is freed after its last answer.

import { trimaranError } from "../../base/errors.ts";
import type { Answers } from "../answers.ts";
import { type BatchLimits, type MicroBatcher, microBatcher } from "../micro-batcher.ts";
import { type AnswerOptions, answerSoon, type PredictionService } from "../prediction-service.ts";
import { plannedService } from "./planned-service.ts";
import type { AnsweredEvent, ServingRole } from "./slot-event.ts";
import type { TargetPlan } from "./target-plan.ts";
import { VersionCounter } from "./version-counts.ts";

export interface LoadedVersionOptions {
  readonly plan: TargetPlan;
  readonly service: PredictionService;
  readonly role: ServingRole;
  /** Null while nobody listens: then nothing is built for it. What it gives must not throw. */
  readonly answered: () => ((event: AnsweredEvent) => void) | null;
  /** Called once, after the last answer, when the service is closed. */
  readonly onFreed: (version: LoadedVersion) => void;
}

interface Asked {
  readonly role: ServingRole;
  readonly options: AnswerOptions;
  readonly began: number;
}

export class LoadedVersion {
  readonly plan: TargetPlan;
  readonly service: PredictionService;
  readonly counter: VersionCounter = new VersionCounter();
  role: ServingRole;
  readonly #options: LoadedVersionOptions;
  #batcher: MicroBatcher | null = null;
  #pinned: PredictionService | null = null;
  #bare: readonly PredictionService[] | null = null;
  #retired = false;
  #freed = false;

  constructor(options: LoadedVersionOptions) {
    this.plan = options.plan;
    this.service = options.service;
    this.role = options.role;
    this.#options = options;
  }

  get version(): string {
    return this.plan.version;
  }

  get isFreed(): boolean {
    return this.#freed;
  }

  /** What a caller holds who asked for this very version. */
  get pinned(): PredictionService {
    this.#pinned ??= versionService(this);
    return this.#pinned;
  }

  /** The models behind its definition, each as a service of its own that shares what is loaded here. */
  get bare(): readonly PredictionService[] {
    this.#bare ??= (this.service.bare ?? []).map((model) => bareService(this, model));
    return this.#bare;
  }

  /** It is not freed before `job` is done. @throws REQUEST_NO_VERSION when it is freed already */
  async hold<Value>(job: () => Promise<Value>): Promise<Value> {
    if (this.#freed) throw trimaranError("REQUEST_NO_VERSION", { name: this.plan.name, version: this.version });
    this.counter.inFlight++;
    try {
      return await job();
    } finally {
      this.#left();
    }
  }

  /** From now on calls share batches. */
  batch(limits: BatchLimits): void {
    this.#batcher = microBatcher(this.service, limits);
  }

  get isBatched(): boolean {
    return this.#batcher !== null;
  }

  async answer(rows: readonly unknown[], options: AnswerOptions): Promise<Answers> {
    return this.answerNow(rows, options);
  }

  /** The same, at once where nothing has to be waited for. */
  answerNow(rows: readonly unknown[], options: AnswerOptions): Answers | Promise<Answers> {
    // What it is when the call comes, though it may be promoted before the call is answered.
    const { role } = this;
    const began = performance.now();
    this.counter.inFlight++;
    let answers: Answers | Promise<Answers>;
    try {
      answers = answerSoon(this.#batcher ?? this.service, rows, options);
    } catch (error) {
      throw this.#failed(error);
    }
    if (!(answers instanceof Promise)) return this.#answered(answers, { role, options, began });
    return answers.then(
      (later) => this.#answered(later, { role, options, began }),
      (error: unknown) => {
        throw this.#failed(error);
      },
    );
  }

  #answered(answers: Answers, { role, options, began }: Asked): Answers {
    const { counter } = this;
    const latencyMs = performance.now() - began;
    counter.calls++;
    counter.rows += answers.rowCount;
    if (answers.issues.length > 0) counter.issues += new Set(answers.issues.map(({ row }) => row)).size;
    counter.observe(latencyMs);
    const listener = this.#options.answered();
    if (listener !== null)
      listener({ service: this.service, version: this.version, role, answers, options, latencyMs });
    this.#left();
    return answers;
  }

  #failed(error: unknown): unknown {
    this.counter.errors++;
    this.#left();
    return error;
  }

  #left(): void {
    this.counter.inFlight--;
    if (this.#retired && this.counter.inFlight === 0) this.#free();
  }

  /** No new calls come from now on; those in flight are answered, then it is freed. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    if (this.counter.inFlight === 0) this.#free();
  }

  #free(): void {
    if (this.#freed) return;
    this.#freed = true;
    const done = (): void => this.#options.onFreed(this);
    // A service that cannot close is gone all the same.
    this.service.close().then(done, done);
  }
}

function versionService(loaded: LoadedVersion): PredictionService {
  const { service, plan } = loaded;
  const answerNow = (rows: readonly unknown[], options: AnswerOptions = {}): Answers | Promise<Answers> => {
    if (loaded.isFreed) throw trimaranError("REQUEST_NO_VERSION", { name: plan.name, version: plan.version });
    return loaded.answerNow(rows, options);
  };
  return {
    ...service,
    answer: async (rows, options) => answerNow(rows, options),
    answerNow,
    close: async () => {},
  };
}

function bareService(loaded: LoadedVersion, model: PredictionService): PredictionService {
  // Columns would not be held: nobody on the web has any.
  const { answerColumns: _, ...service } = plannedService(model, { name: null, version: loaded.plan.placeVersion });
  const answer: PredictionService["answer"] = (rows, options) => loaded.hold(() => service.answer(rows, options));
  return { ...service, answer, answerNow: answer };
}

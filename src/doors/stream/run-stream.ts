// The stream door's entry: a target, a place to read and a place to write → records answered until the source ends or the stream is
// told to stop.
import { join } from "node:path";
import type { StreamSection } from "../../deployment/sections.ts";
import { PredictionLog } from "../../feedback/prediction-log.ts";
import type { ModelWatcher } from "../../loaders/model-watcher.ts";
import { logAnswers } from "../../serving/log-answers.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { PrepareOptions } from "../../serving/slot/prepare-target.ts";
import type { TargetRequest } from "../../serving/slot/target-plan.ts";
import { batchHandler } from "./handle-batch.ts";
import { openMessageShape } from "./messages/open-message-shape.ts";
import type { MessageShape } from "./messages/shape.ts";
import { followModel } from "./model-follower.ts";
import { openMetricsPort, type StreamPhase } from "./observe/metrics-port.ts";
import { StreamCounters } from "./observe/stream-counters.ts";
import { type EngineSettings, openEngine } from "./open-engine.ts";
import type { Delivery, StreamEvents } from "./port.ts";
import { outputTopicOf, type StreamPlace } from "./stream-place.ts";
import { openTruth } from "./truth/run-truth.ts";
import { TruthCounters } from "./truth/truth-counters.ts";

export interface StreamOptions {
  readonly request: TargetRequest;
  readonly load: PrepareOptions;
  /** What flags say of messages, over the definition's section. */
  readonly section: Partial<StreamSection>;
  readonly from: StreamPlace;
  readonly to: StreamPlace;
  readonly deadLetter: StreamPlace | null;
  /** Where the truth about answers comes from. */
  readonly truth: StreamPlace | null;
  /** @default the deployment's name */
  readonly group: string | null;
  readonly engine: EngineSettings;
  readonly maxPoisonRate: number | null;
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** Undefined: as each definition says. */
  readonly logPredictions: boolean | undefined;
  readonly watcher: ModelWatcher | undefined;
  /** How long what is under way may take when the stream is told to stop, in milliseconds. */
  readonly drainMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: StreamTold;
}

/** What the stream says while it runs. */
export interface StreamTold {
  note(text: string): void;
  warn(text: string): void;
  /** It reads from now on. */
  started(facts: StreamFacts): void;
}

export interface StreamFacts {
  readonly name: string;
  readonly model: string;
  readonly version: string | null;
  readonly group: string;
  readonly delivery: Delivery;
  readonly metricsPort: number | null;
}

export interface StreamReport {
  readonly records: number;
  readonly poison: number;
  readonly truth: number;
  readonly aborted: number;
}

/** @throws what opening throws, and what ends a stream: STREAM_NO_DEAD_LETTER, STREAM_POISON_RATE, the engine's own errors */
export async function runStream(options: StreamOptions, signal: AbortSignal): Promise<StreamReport> {
  const { tell, load, request, watcher, env } = options;
  const { home, maxMessageBytes } = options.engine;
  await using stack = new AsyncDisposableStack();
  const counters = new StreamCounters();
  const truthCounters = new TruthCounters();
  let phase: StreamPhase = "starting";
  const [onChange, onRefused] = [(text: string) => tell.note(text), (text: string) => tell.warn(text)];
  const { service, catalog } = stack.use(await followModel({ request, load, watcher, onChange, onRefused }));
  const predictions = new PredictionLog({ root: join(home, "predictions") });
  stack.defer(() => predictions.close());
  const isLogged = (each: PredictionService): boolean =>
    options.logPredictions ?? each.deployment?.feedback?.log ?? false;
  catalog.onAnswered(logAnswers(predictions, { door: "stream", isLogged }));
  const metrics =
    options.metrics === null
      ? null
      : stack.use(
          await openMetricsPort({
            ...options.metrics,
            phase: () => phase,
            families: () => [
              ...counters.families(),
              ...(options.truth === null ? [] : truthCounters.families()),
              ...catalog.families(),
              ...predictions.counts.families("prediction"),
            ],
          }),
        );
  const outputTopic = outputTopicOf(options.to);
  const openShape = (): MessageShape =>
    openMessageShape(service, {
      section: { ...service.deployment?.stream, ...options.section },
      ...(outputTopic === null ? {} : { outputTopic }),
      env,
      limits: { maxBytes: maxMessageBytes },
    });
  const handler = batchHandler({
    service,
    shape: currentShape(openShape, service, onRefused),
    counters,
    hasDeadLetter: options.deadLetter !== null,
    maxPoisonRate: options.maxPoisonRate,
    stop: signal,
    onWait: (text) => {
      counters.countWait();
      tell.warn(text);
    },
  });
  const group = options.group ?? service.name;
  const { from, to, deadLetter } = options;
  const events = counters.events((text) => tell.warn(text));
  const engine = stack.use(await openEngine({ from, to, deadLetter, group }, options.engine, events));
  const schemaRegistry = options.section.schemaRegistry ?? service.deployment?.stream?.schemaRegistry;
  const truth =
    options.truth === null
      ? null
      : stack.use(
          await openTruth(
            {
              from: options.truth,
              group,
              service,
              schemaRegistry,
              counters: truthCounters,
              events: quiet(events),
              env,
              stop: signal,
            },
            options.engine,
          ),
        );
  // What is under way when the stream is told to stop has this long; then it is given up, and comes again.
  const hard = new AbortController();
  const own = new AbortController();
  const onStop = (): void => {
    phase = "stopping";
    const late = setTimeout(() => hard.abort(signal.reason), options.drainMs);
    stack.defer(() => clearTimeout(late));
  };
  if (signal.aborted) onStop();
  else signal.addEventListener("abort", onStop, { once: true });
  stack.defer(() => signal.removeEventListener("abort", onStop));
  if (!signal.aborted) phase = "ready";
  const { name } = service;
  const { uri, version } = service.model;
  const metricsPort = metrics?.port ?? null;
  tell.started({ name, model: uri, version, group, delivery: engine.delivery, metricsPort });
  const stop = AbortSignal.any([signal, own.signal]);
  const runs = [
    engine.run(async (batch) => {
      // Whoever answers faster than its log is written waits for it: a stream has time.
      if (isLogged(service)) await predictions.flush();
      return handler(batch, hard.signal);
    }, stop),
    ...(truth === null ? [] : [truth.run(stop, hard.signal)]),
  ];
  for (const run of runs) run.catch(() => own.abort());
  const ended = await Promise.allSettled(runs);
  const failed = ended.find((each) => each.status === "rejected");
  // What was given up after the time for it was over comes again.
  if (failed !== undefined && !(signal.aborted && failed.reason === signal.reason)) {
    phase = "failed";
    throw failed.reason;
  }
  return { records: counters.records, poison: counters.poison, truth: truthCounters.taken, aborted: counters.aborted };
}

/** A definition that is exchanged brings its own stream section; one that does not fit changes nothing. */
function currentShape(
  open: () => MessageShape,
  service: PredictionService,
  onRefused: (text: string) => void,
): () => MessageShape {
  let made = open();
  let madeFor = service.deployment;
  return () => {
    const { deployment } = service;
    if (deployment === madeFor) return made;
    madeFor = deployment;
    try {
      made = open();
    } catch (error) {
      onRefused(`The new definition's stream section is not taken: ${(error as Error).message}`);
    }
    return made;
  };
}

/** The truth topic has counters of its own. */
function quiet({ note }: StreamEvents): StreamEvents {
  const nothing = (): void => {};
  return { rebalanced: nothing, lag: nothing, committed: nothing, aborted: nothing, note };
}

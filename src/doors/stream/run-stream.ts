// The stream door's entry: a target, a place to read and a place to write → records answered until the source ends or the stream is
// told to stop.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { trimaranError } from "../../base/errors.ts";
import type { StreamSection } from "../../deployment/sections.ts";
import { PredictionLog } from "../../feedback/prediction-log.ts";
import { tryFileLock } from "../../io/file-lock.ts";
import type { ModelWatcher } from "../../loaders/model-watcher.ts";
import { logAnswers } from "../../serving/log-answers.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { PrepareOptions } from "../../serving/slot/prepare-target.ts";
import type { TargetRequest } from "../../serving/slot/target-plan.ts";
import { batchHandler } from "./handle-batch.ts";
import type { KafkaSettings } from "./kafka/kafka-settings.ts";
import { openMessageShape } from "./messages/open-message-shape.ts";
import { followModel } from "./model-follower.ts";
import { openMetricsPort, type StreamPhase } from "./observe/metrics-port.ts";
import { StreamCounters } from "./observe/stream-counters.ts";
import type { Delivery, StreamEngine, StreamEvents } from "./port.ts";
import type { StreamPlace } from "./stream-place.ts";

export interface StreamOptions {
  readonly request: TargetRequest;
  readonly load: PrepareOptions;
  /** What flags say of messages, over the definition's section. */
  readonly section: Partial<StreamSection>;
  readonly from: StreamPlace;
  readonly to: StreamPlace;
  readonly deadLetter: StreamPlace | null;
  /** @default the deployment's name */
  readonly group: string | null;
  readonly home: string;
  readonly delivery: Delivery;
  readonly batchSize: number;
  readonly maxMessageBytes: number;
  readonly maxPoisonRate: number | null;
  /** Ends when nothing waits any more. */
  readonly untilEnd: boolean;
  /** The group's position in the file is forgotten first. */
  readonly reset: boolean;
  readonly kafka: KafkaSettings;
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** Undefined: as each definition says. */
  readonly logPredictions: boolean | undefined;
  readonly watcher: ModelWatcher | undefined;
  /** How long what is under way may take when the stream is told to stop, in milliseconds. */
  readonly drainMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable };
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
  readonly aborted: number;
}

/** @throws what opening throws, and what ends a stream: STREAM_NO_DEAD_LETTER, STREAM_POISON_RATE, the engine's own errors */
export async function runStream(options: StreamOptions, signal: AbortSignal): Promise<StreamReport> {
  const { tell, load, request, watcher } = options;
  await using stack = new AsyncDisposableStack();
  const counters = new StreamCounters();
  let phase: StreamPhase = "starting";
  const model = stack.use(
    await followModel({
      request,
      load,
      watcher,
      onChange: (text) => tell.note(text),
      onRefused: (text) => tell.warn(text),
    }),
  );
  const { service, catalog } = model;
  const predictions = new PredictionLog({ root: join(options.home, "predictions") });
  stack.defer(() => predictions.close());
  const isLogged = (each: PredictionService): boolean =>
    options.logPredictions ?? each.deployment?.feedback?.log ?? false;
  if (isLogged(service)) catalog.onAnswered(logAnswers(predictions, { door: "stream", isLogged }));
  const metrics =
    options.metrics === null
      ? null
      : stack.use(
          await openMetricsPort({
            ...options.metrics,
            phase: () => phase,
            families: () => [
              ...counters.families(),
              ...catalog.families(),
              ...predictions.counts.families("prediction"),
            ],
          }),
        );
  const shape = openMessageShape(service, {
    section: { ...service.deployment?.stream, ...options.section },
    env: options.env,
    limits: { maxBytes: options.maxMessageBytes },
  });
  const handler = batchHandler({
    service,
    shape,
    counters,
    hasDeadLetter: options.deadLetter !== null,
    maxPoisonRate: options.maxPoisonRate,
    onWait: (text) => {
      counters.countWait();
      tell.warn(text);
    },
  });
  const group = options.group ?? service.name;
  const engine = stack.use(
    await openEngine(
      options,
      group,
      counters.events((text) => tell.warn(text)),
    ),
  );
  // What is under way when the stream is told to stop has this long; then it is given up, and comes again.
  const hard = new AbortController();
  const onStop = (): void => {
    phase = "stopping";
    const late = setTimeout(() => hard.abort(signal.reason), options.drainMs);
    stack.defer(() => clearTimeout(late));
  };
  if (signal.aborted) onStop();
  else signal.addEventListener("abort", onStop, { once: true });
  stack.defer(() => signal.removeEventListener("abort", onStop));
  phase = "ready";
  const { name } = service;
  const { uri, version } = service.model;
  const metricsPort = metrics?.port ?? null;
  tell.started({ name, model: uri, version, group, delivery: engine.delivery, metricsPort });
  try {
    await engine.run((batch) => handler(batch, hard.signal), signal);
  } catch (error) {
    phase = "failed";
    throw error;
  }
  return { records: counters.records, poison: counters.poison, aborted: counters.aborted };
}

async function openEngine(options: StreamOptions, group: string, events: StreamEvents): Promise<StreamEngine> {
  const { from, to, deadLetter } = options;
  const isKafka = [from, to, deadLetter].some((place) => place?.kind === "kafka");
  if (isKafka) {
    const { openKafkaEngine } = await import("./kafka/kafka-engine.ts");
    const mixed = [to, deadLetter].find((place) => place !== null && place.kind !== "kafka");
    if (from.kind !== "kafka" || to.kind !== "kafka" || mixed) {
      throw trimaranError("STREAM_MIXED", { from: placeName(from), to: placeName(mixed ?? to) });
    }
    const { delivery, batchSize, untilEnd, kafka } = options;
    const dead = deadLetter?.kind === "kafka" ? deadLetter.url : null;
    return openKafkaEngine({
      from: from.url,
      to: to.url,
      deadLetter: dead,
      group,
      delivery,
      batchSize,
      untilEnd,
      kafka,
      events,
    });
  }
  return openLocalEngine(options, group, events);
}

async function openLocalEngine(options: StreamOptions, group: string, events: StreamEvents): Promise<StreamEngine> {
  const { from, to, deadLetter, home, batchSize, untilEnd, streams } = options;
  const maxLineBytes = options.maxMessageBytes;
  const sinkOf = (place: StreamPlace): Writable | string => (place.kind === "file" ? place.path : streams.stdout);
  if (from.kind !== "file" || to.kind !== "file" || deadLetter?.kind === "standard") {
    const input = from.kind === "file" ? (await import("node:fs")).createReadStream(from.path) : streams.stdin;
    const { openPipeEngine } = await import("./embedded/pipe-engine.ts");
    const dead = deadLetter === null ? null : sinkOf(deadLetter);
    return openPipeEngine({ input, output: sinkOf(to), deadLetter: dead, batchSize, maxLineBytes, events });
  }
  const { openFileEngine } = await import("./embedded/file-engine.ts");
  await using stack = new AsyncDisposableStack();
  await mkdir(home, { recursive: true });
  const id = createHash("sha256")
    .update(JSON.stringify([group, from.path]))
    .digest("hex")
    .slice(0, 16);
  const lock = await tryFileLock(join(home, `stream-${id}.lock`));
  if (lock === null) throw trimaranError("STREAM_BUSY", { input: from.path, group });
  stack.use(lock);
  const engine = stack.use(
    await openFileEngine({
      input: from.path,
      output: to.path,
      deadLetter: deadLetter?.kind === "file" ? deadLetter.path : null,
      group,
      offsetsFile: join(home, "offsets.db"),
      batchSize,
      maxLineBytes,
      untilEnd,
      reset: options.reset,
      events,
    }),
  );
  const owned = stack.move();
  return {
    delivery: engine.delivery,
    run: (handler, signal) => engine.run(handler, signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function placeName(place: StreamPlace): string {
  return place.kind === "kafka" ? "Kafka" : place.kind === "file" ? place.path : "a standard stream";
}

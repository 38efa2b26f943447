// What a worker tells of what it does: lines, traces, predictions and truth on file. What nobody asked for is not loaded.
import { join } from "node:path";
import process from "node:process";
import { describeThrown } from "../../../data/describe-thrown.ts";
import type { LogPlaceOptions, LogProblem } from "../../../feedback/log-place.ts";
import { PredictionLog } from "../../../feedback/prediction-log.ts";
import { TruthLog } from "../../../feedback/truth-log.ts";
import type { Log, LogFormat, LogLevel } from "../../../io/log/log.ts";
import { directStream, type LogStream, openLogStream } from "../../../io/log/log-stream.ts";
import { openLog } from "../../../io/log/open-log.ts";
import { logAnswers } from "../../../serving/log-answers.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { SlotCatalog } from "../../../serving/slot/slot-catalog.ts";
import type { SlotEvent } from "../../../serving/slot/slot-event.ts";
import type { Door } from "../door.ts";
import { type AccessLog, accessLog } from "./access-log.ts";
import { logFamilies } from "./log-families.ts";
import type { Observer } from "./observer.ts";
import { type Environment, readTraceSettings } from "./trace-settings.ts";
import { openTraces, type Traces } from "./traces.ts";

export interface TelemetrySettings {
  /** `.trimaran`, where predictions and truth are kept. */
  readonly home: string;
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** A line for every request. */
  readonly access: boolean;
  /** Whether predictions are logged. @default what each definition says */
  readonly predictions?: boolean | undefined;
  /** How much is kept of predictions, and as much of truth. @default 1 GiB */
  readonly maxBytes?: number | undefined;
}

export interface Telemetry {
  readonly log: Log;
  /** From now on its versions are told of, and its answers are logged. */
  watch(catalog: SlotCatalog): void;
  close(): Promise<void>;
}

/** Sets what the door needs of it; before its routes are made. @throws TRACES_NOT_INSTALLED */
export async function openTelemetry(door: Door, settings: TelemetrySettings, env: Environment): Promise<Telemetry> {
  const { format, level, access, home, predictions: asked, maxBytes } = settings;
  // Lines of JSON and of every request may be many; the others are few.
  const stream: LogStream =
    format === "json" || access ? await openLogStream() : directStream((text) => void process.stderr.write(text));
  const log = await openLog({ format, level, stream });
  const traceSettings = readTraceSettings(env);
  const traces = traceSettings === null ? null : await openTraces(traceSettings, log);
  door.observer = observerOf(traces, access ? accessLog(log) : null);
  const onProblem = (problem: LogProblem): void => tellProblem(log, problem);
  const place = (folder: string): LogPlaceOptions => ({ root: join(home, folder), maxBytes, onProblem });
  const predictions = new PredictionLog(place("predictions"));
  const truth = new TruthLog(place("truth"));
  door.truth = truth;
  door.moreFamilies = () => [
    ...predictions.counts.families("prediction"),
    ...truth.counts.families("truth"),
    ...logFamilies(log),
  ];
  const isLogged = (service: PredictionService): boolean => asked ?? service.deployment?.feedback?.log ?? false;
  return {
    log,
    watch: (catalog) => {
      let isListening = false;
      // While nothing is logged, nobody listens, and nothing is made for it.
      const listen = (): void => {
        const wanted = catalog.names.some((name) => {
          const service = catalog.find(name);
          return service !== undefined && isLogged(service);
        });
        if (!wanted || isListening) return;
        isListening = true;
        catalog.onAnswered(logAnswers(predictions, { door: "web", isLogged }));
      };
      listen();
      catalog.onEvent((event) => {
        tellSlot(log, event, format);
        if (event.kind === "swapped" && asked !== false) listen();
      });
    },
    close: async () => {
      await Promise.all([predictions.close(), truth.close(), traces?.close(closeMs)]);
      await log.flush();
    },
  };
}

const closeMs = 2000;

function observerOf(traces: Traces | null, access: AccessLog | null): Observer | null {
  if (traces === null && access === null) return null;
  return {
    answered: (call) => {
      const traceId = traces?.record(call) ?? null;
      access?.answered(call, traceId);
    },
    broken: (answer) => access?.broken(answer),
  };
}

function tellProblem(log: Log, problem: LogProblem): void {
  const { root } = problem;
  if (problem.kind === "recovered") {
    log.write("info", "The log is written again.", { folder: root, dropped: problem.dropped });
    return;
  }
  const code = (problem.error as NodeJS.ErrnoException).code ?? describeThrown(problem.error);
  log.write("error", "The log cannot be written: its events are dropped and counted, the service goes on.", {
    folder: root,
    problem: code,
  });
}

/** Of all workers; people read what the supervisor says of it once. */
function tellSlot(log: Log, event: SlotEvent, format: LogFormat): void {
  const { kind, name, version, role } = event;
  const fields = { service: name, version, role };
  switch (kind) {
    case "swapped":
      log.write(event.from === null || format === "text" ? "debug" : "info", "version swapped", {
        ...fields,
        from: event.from,
      });
      return;
    case "refused":
      log.write(format === "text" ? "debug" : "warn", "version refused", { ...fields, reason: event.reason });
      return;
    case "ready":
      log.write("debug", "version ready", { ...fields, load_ms: Math.round(event.loadMs), notes: event.notes });
      return;
    default:
      log.write("debug", `version ${kind}`, fields);
  }
}

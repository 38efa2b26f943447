// A function that lives as long as its container: the model is opened once, and each event is one call. What failed to open is
// tried again with the next event.
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { openMessageShape } from "../messages/open-message-shape.ts";
import { regionOf } from "./kinesis-event.ts";
import { KinesisSink } from "./kinesis-sink.ts";
import { handleEvent, type LambdaAnswer, type LambdaParts } from "./lambda-function.ts";
import { type Environment, type LambdaSettings, readLambdaSettings } from "./lambda-settings.ts";

/** What we use of the context that Lambda gives beside an event. */
export interface LambdaContext {
  readonly getRemainingTimeInMillis?: () => number;
}

export interface LambdaOpener {
  readonly env: Environment;
  /** Opens definition and model; `model` is one that the environment names in the place of the definition's. */
  readonly open: (model: string | null) => Promise<PredictionService>;
  readonly log: LambdaParts["log"];
}

export interface LambdaFunction extends AsyncDisposable {
  /** Rejects when the function cannot start. */
  ready(): Promise<void>;
  handle(event: unknown, context?: LambdaContext): Promise<LambdaAnswer>;
  close(): Promise<void>;
}

/** What is left of a call's time for telling how it went. */
const marginMs = 1000;
/** Of a call whose end nobody says. */
const usualMs = 60_000;

export function openLambda({ env, open, log }: LambdaOpener): LambdaFunction {
  let opened: Promise<OpenedLambda> | null = null;
  const sinks = new Map<string, KinesisSink>();
  const start = async (): Promise<OpenedLambda> => {
    const settings = readLambdaSettings(env);
    const service = await open(settings.model);
    try {
      const outputTopic = settings.outputStream ?? undefined;
      return { settings, service, shape: openMessageShape(service, { outputTopic, env }) };
    } catch (error) {
      await service.close();
      throw error;
    }
  };
  const ready = (): Promise<OpenedLambda> => {
    if (opened === null) {
      const starting = start();
      opened = starting;
      starting.catch(() => {
        if (opened === starting) opened = null;
      });
    }
    return opened;
  };
  const sinkFor = ({ region, endpoint }: LambdaSettings, event: unknown): KinesisSink => {
    const name = region ?? regionOf(event) ?? "";
    const known = sinks.get(name);
    if (known !== undefined) return known;
    const sink = new KinesisSink({ region: name === "" ? undefined : name, endpoint: endpoint ?? undefined });
    sinks.set(name, sink);
    return sink;
  };
  const close = async (): Promise<void> => {
    const started = await opened?.catch(() => null);
    await started?.service.close();
    for (const sink of sinks.values()) await sink.close();
  };
  return {
    ready: async () => {
      await ready();
    },
    async handle(event, context) {
      const leftMs = context?.getRemainingTimeInMillis?.() ?? usualMs;
      const started = await ready();
      const signal = AbortSignal.timeout(Math.max(1, Math.floor(leftMs - marginMs)));
      return handleEvent(event, { ...started, log, sink: sinkFor(started.settings, event) }, signal);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

type OpenedLambda = Pick<LambdaParts, "settings" | "service" | "shape">;

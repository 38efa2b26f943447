// The truth topic beside the stream: an engine of its own, in a group of its own, whose records go to the truth log.
import { join } from "node:path";
import { TruthLog } from "../../../feedback/truth-log.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { openMessageShape } from "../messages/open-message-shape.ts";
import { type EngineSettings, openEngine } from "../open-engine.ts";
import type { StreamEvents } from "../port.ts";
import type { StreamPlace } from "../stream-place.ts";
import type { TruthCounters } from "./truth-counters.ts";
import { truthReader } from "./truth-fields.ts";
import { truthHandler } from "./truth-handler.ts";

export interface TruthOptions {
  readonly from: StreamPlace;
  readonly group: string;
  readonly service: PredictionService;
  /** The address of the schema registry, where the section names one. */
  readonly schemaRegistry: string | undefined;
  readonly counters: TruthCounters;
  readonly events: StreamEvents;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the stream is told to stop. */
  readonly stop: AbortSignal;
}

export interface RunningTruth extends AsyncDisposable {
  run(signal: AbortSignal, hard: AbortSignal): Promise<void>;
}

/** A flood of refused records is told once in a while. */
const toldEveryMs = 10_000;

/** @throws STREAM_TRUTH, STREAM_SHAPE_INVALID, STREAM_FORMAT, and what opening the place throws */
export async function openTruth(options: TruthOptions, settings: EngineSettings): Promise<RunningTruth> {
  const { from, group, service, counters, events, env, schemaRegistry, stop } = options;
  const { name } = service;
  const fields = service.deployment?.stream?.truth ?? {};
  const read = truthReader(fields);
  const { format } = fields;
  const decoder = openMessageShape(
    { name, deployment: null, methods: ["truth"] },
    {
      section: {
        ...(format === undefined ? {} : { format }),
        ...(schemaRegistry === undefined ? {} : { schemaRegistry }),
      },
      env,
      limits: { maxBytes: settings.maxMessageBytes },
    },
  );
  await using stack = new AsyncDisposableStack();
  const log = new TruthLog({ root: join(settings.home, "truth") });
  stack.defer(() => log.close());
  const places = { from, to: null, deadLetter: null, group: `${group}-truth` };
  const engine = stack.use(await openEngine(places, { ...settings, delivery: "at-least-once" }, events));
  let toldAt = Number.NEGATIVE_INFINITY;
  const handler = truthHandler({
    decoder,
    read,
    log,
    deployment: name,
    counters,
    onRefused: (text) => {
      if (performance.now() - toldAt < toldEveryMs) return;
      toldAt = performance.now();
      events.note(text);
    },
    onWait: (text) => events.note(text),
    stop,
  });
  const owned = stack.move();
  return {
    run: (signal, hard) => engine.run((batch) => handler(batch, hard), signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

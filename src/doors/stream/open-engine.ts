// A place to read and places to write → the engine between them: Kafka's, or the embedded one for files and standard streams.
import { createHash } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { trimaranError } from "../../base/errors.ts";
import { tryFileLock } from "../../io/file-lock.ts";
import type { KafkaSettings } from "./kafka/kafka-settings.ts";
import type { Delivery, StreamEngine, StreamEvents } from "./port.ts";
import type { StreamPlace } from "./stream-place.ts";

export interface EnginePlaces {
  readonly from: StreamPlace;
  /** null: there are no answers, or each says where it goes. */
  readonly to: StreamPlace | null;
  readonly deadLetter: StreamPlace | null;
  readonly group: string;
  /** Others append to `to` as well. @default false */
  readonly isShared?: boolean;
}

export interface EngineSettings {
  readonly home: string;
  readonly delivery: Delivery;
  readonly batchSize: number;
  readonly maxMessageBytes: number;
  readonly untilEnd: boolean;
  readonly reset: boolean;
  readonly kafka: KafkaSettings;
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable };
}

/** @throws STREAM_MIXED, STREAM_SAME_PLACE, STREAM_BUSY, and what opening the places throws */
export async function openEngine(
  places: EnginePlaces,
  settings: EngineSettings,
  events: StreamEvents,
): Promise<StreamEngine> {
  const { from, to, deadLetter, group } = places;
  if (![from, to, deadLetter].some((place) => place?.kind === "kafka")) return openLocal(places, settings, events);
  const other = [to, deadLetter].find((place) => place !== null && place.kind !== "kafka");
  if (from.kind !== "kafka" || other != null) {
    throw trimaranError("STREAM_MIXED", { from: placeName(from), to: placeName(other ?? to ?? from) });
  }
  const { delivery, batchSize, untilEnd, kafka } = settings;
  const { openKafkaEngine } = await import("./kafka/kafka-engine.ts");
  const urlOf = (place: StreamPlace | null): string | null => (place?.kind === "kafka" ? place.url : null);
  const urls = { from: from.url, to: urlOf(to), deadLetter: urlOf(deadLetter) };
  return openKafkaEngine({ ...urls, group, delivery, batchSize, untilEnd, kafka, events });
}

async function openLocal(places: EnginePlaces, settings: EngineSettings, events: StreamEvents): Promise<StreamEngine> {
  const { from, to, deadLetter, group } = places;
  const { home, batchSize, untilEnd, reset, streams, maxMessageBytes: maxLineBytes } = settings;
  await assertApart(places);
  const sinkOf = (place: StreamPlace | null): Writable | string | null => {
    if (place === null) return null;
    return place.kind === "file" ? place.path : streams.stdout;
  };
  await using stack = new AsyncDisposableStack();
  await mkdir(home, { recursive: true });
  const lock = async (name: readonly string[], refuse: () => Error): Promise<void> => {
    const id = createHash("sha256").update(JSON.stringify(name)).digest("hex").slice(0, 16);
    const held = await tryFileLock(join(home, `stream-${id}.lock`));
    if (held === null) throw refuse();
    stack.use(held);
  };
  for (const place of places.isShared === true ? [deadLetter] : [to, deadLetter]) {
    if (place?.kind !== "file") continue;
    await lock(["to", await realPath(place.path)], () => trimaranError("STREAM_BUSY_OUTPUT", { file: place.path }));
  }
  let engine: StreamEngine;
  if (from.kind === "file") {
    await lock(["from", group, await realPath(from.path)], () =>
      trimaranError("STREAM_BUSY", { input: from.path, group }),
    );
    const { openFileEngine } = await import("./embedded/file-engine.ts");
    const { openSharedFile } = await import("./embedded/shared-file.ts");
    const isShared = places.isShared === true && to?.kind === "file";
    engine = await openFileEngine({
      input: from.path,
      output: isShared ? await openSharedFile(to.path) : sinkOf(to),
      deadLetter: sinkOf(deadLetter),
      group,
      offsetsFile: join(home, "offsets.db"),
      batchSize,
      maxLineBytes,
      untilEnd,
      reset,
      events,
    });
  } else {
    const { openPipeEngine } = await import("./embedded/pipe-engine.ts");
    const [output, dead] = [sinkOf(to), sinkOf(deadLetter)];
    engine = await openPipeEngine({ input: streams.stdin, output, deadLetter: dead, batchSize, maxLineBytes, events });
  }
  stack.use(engine);
  const owned = stack.move();
  return {
    delivery: engine.delivery,
    run: (handler, signal) => engine.run(handler, signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Two of the files are one, by whatever names. @throws STREAM_SAME_PLACE */
async function assertApart({ from, to, deadLetter }: EnginePlaces): Promise<void> {
  const named = [
    ["--from", from],
    ["--to", to],
    ["--dead-letter", deadLetter],
  ] as const;
  const known = new Map<string, string>();
  for (const [name, place] of named) {
    if (place?.kind !== "file") continue;
    const path = await realPath(place.path);
    const first = known.get(path);
    if (first !== undefined) throw trimaranError("STREAM_SAME_PLACE", { first, second: name, file: place.path });
    known.set(path, name);
  }
}

/** Of a file that is not there yet: in the folder as it is. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = await realpath(dirname(path)).catch(() => dirname(path));
    return join(folder, basename(path));
  }
}

function placeName(place: StreamPlace): string {
  return place.kind === "kafka" ? "Kafka" : place.kind === "file" ? place.path : "a standard stream";
}

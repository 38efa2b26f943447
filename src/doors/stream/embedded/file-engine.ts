// The embedded engine: lines of a tailed file → lines of a file, each exactly once over any restart. The output is written and synced
// first, then one SQLite transaction moves the position of the input and of the output; what a killed run wrote behind its last
// commit is cut off by the next one. While something is written what comes next is answered, and written together after it.
import { basename } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchHandler, StreamEngine, StreamEvents } from "../port.ts";
import { AppendedFile } from "./appended-file.ts";
import { linesOf, recordsOf } from "./line-batch.ts";
import { type AppendedPosition, type LineSink, streamSink } from "./line-sink.ts";
import type { Line } from "./line-splitter.ts";
import { type Position, type PositionKey, Positions } from "./positions.ts";
import { positionBehind, TailedFile, type TailPosition } from "./tailed-file.ts";

export interface FileEngineOptions {
  /** An absolute path. */
  readonly input: string;
  /** An absolute path, a stream, or a sink; null: there are no answers. But to a path an answer may come again after a crash. */
  readonly output: Writable | LineSink | string | null;
  readonly deadLetter: Writable | string | null;
  readonly group: string;
  /** The SQLite file of the positions. */
  readonly offsetsFile: string;
  /** What the file is called in records. @default its own name */
  readonly topic?: string;
  readonly batchSize: number;
  readonly maxLineBytes: number;
  /** Ends at the end of the file instead of waiting for more. */
  readonly untilEnd: boolean;
  /** Begins at the begin of the file, behind what the output holds. */
  readonly reset: boolean;
  readonly events: StreamEvents;
}

/** How often a file that has nothing new is looked at. */
const lookMs = 20;
/** Bytes that wait are told as records by what the last ones took; this is for the first ones. */
const usualLineBytes = 100;

export async function openFileEngine(options: FileEngineOptions): Promise<StreamEngine> {
  const { input, output, deadLetter, group, maxLineBytes } = options;
  const note = (text: string): void => options.events.note(text);
  const key: PositionKey = { group, input, output: pathOf(output), deadLetter: pathOf(deadLetter) };
  await using stack = new AsyncDisposableStack();
  const positions = stack.use(await Positions.open(options.offsetsFile));
  if (options.reset) await positions.forget(key);
  const begin = await positions.read(key);
  const tail = stack.use(new TailedFile({ path: input, maxLineBytes, note }));
  await tail.start(begin?.input ?? null);
  const sinkOf = async (
    place: Writable | LineSink | string | null,
    at: AppendedPosition | null,
  ): Promise<LineSink | null> => {
    if (place === null) return null;
    if (typeof place === "string") return stack.use(await AppendedFile.open(place, { committed: at, note }));
    return stack.use("append" in place ? place : streamSink(place));
  };
  const out = await sinkOf(output, begin?.output ?? null);
  const dead = await sinkOf(deadLetter, begin?.deadLetter ?? null);
  const owned = stack.move();
  const run = new FileRun(options, { key, positions, tail, out, dead });
  const isFile = [output, deadLetter].every((place) => place === null || typeof place === "string");
  return {
    delivery: isFile ? "exactly-once" : "at-least-once",
    run: (handler, signal) => run.run(handler, signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function pathOf(place: Writable | LineSink | string | null): string {
  return typeof place === "string" ? place : "";
}

interface Files {
  readonly key: PositionKey;
  readonly positions: Positions;
  readonly tail: TailedFile;
  readonly out: LineSink | null;
  readonly dead: LineSink | null;
}

class FileRun {
  readonly #options: FileEngineOptions;
  readonly #files: Files;
  readonly #topic: string;
  #lineBytes = usualLineBytes;
  /** Answered, and not yet begun to be written. */
  #ready: Answered[] = [];
  #writing: Promise<void> = Promise.resolve();
  /** Stays after a failure: nothing is written behind what could not be. */
  #isWriting = false;

  constructor(options: FileEngineOptions, files: Files) {
    this.#options = options;
    this.#files = files;
    this.#topic = options.topic ?? basename(options.input);
  }

  async run(handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const { tail } = this.#files;
    const { events } = this.#options;
    const at = { topic: this.#topic, partition: 0 };
    events.rebalanced({ assigned: [at], revoked: [] });
    try {
      let quiet = 0;
      while (!signal.aborted) {
        let { lines, inode } = await tail.read();
        if (lines.length === 0) {
          await this.#writing;
          const waiting = await tail.waiting();
          events.lag(at, Math.ceil(waiting / this.#lineBytes));
          if (waiting > 0) continue;
          // A rotated file has its successor after a moment.
          if (this.#options.untilEnd && !tail.isRotating && ++quiet > 1) {
            ({ lines, inode } = tail.last());
            if (lines.length === 0) break;
          } else {
            await sleep(lookMs, undefined, { signal }).catch(() => {});
            continue;
          }
        }
        quiet = 0;
        await this.#answer(lines, inode, { handler, signal });
      }
    } finally {
      await this.#writing;
    }
  }

  async #answer(
    lines: readonly Line[],
    inode: string,
    { handler, signal }: { readonly handler: BatchHandler; readonly signal: AbortSignal },
  ): Promise<void> {
    const { batchSize, events } = this.#options;
    for (let from = 0; from < lines.length && !signal.aborted; from += batchSize) {
      const some = from === 0 && lines.length <= batchSize ? lines : lines.slice(from, from + batchSize);
      const batch = { topic: this.#topic, partition: 0, records: recordsOf(some, this.#topic) };
      const handled = await handler(batch, signal);
      const done = handled.ended === undefined ? some : some.slice(0, handled.ended.records);
      if (done.length === 0) throw handled.ended?.error;
      if (this.#ready.length >= maxReady) await this.#writing;
      // Bytes of our own by now: the lines go with the chunk that they were read into.
      this.#ready.push({
        records: done.length,
        answers: linesOf(handled.outgoing, "output"),
        letters: linesOf(handled.outgoing, "deadLetter"),
        position: positionBehind(done.at(-1)!, inode),
        committed: () => handled.committed?.(),
      });
      if (!this.#isWriting) {
        this.#writing = this.#writeReady();
        // Whoever waits for it next is told.
        this.#writing.catch(() => {});
      }
      // What stands before it is written first.
      if (handled.ended !== undefined) throw handled.ended.error;
      const first = some[0]!;
      this.#lineBytes = Math.max(1, (some.at(-1)!.end - first.end + first.bytes.length) / some.length);
    }
    const waiting = await this.#files.tail.waiting();
    events.lag({ topic: this.#topic, partition: 0 }, Math.ceil(waiting / this.#lineBytes));
  }

  async #writeReady(): Promise<void> {
    this.#isWriting = true;
    while (this.#ready.length > 0) {
      const some = this.#ready;
      this.#ready = [];
      await this.#write(some);
    }
    this.#isWriting = false;
  }

  async #write(some: readonly Answered[]): Promise<void> {
    const { out, dead, positions, key } = this.#files;
    const since = performance.now();
    await out?.append(some.flatMap(({ answers }) => answers));
    await dead?.append(some.flatMap(({ letters }) => letters));
    const { position } = some.at(-1)!;
    const moved: Position = { input: position, output: out?.position ?? null, deadLetter: dead?.position ?? null };
    await positions.write(key, moved);
    const milliseconds = performance.now() - since;
    for (const { records, committed } of some) {
      committed();
      this.#options.events.committed({ topic: this.#topic, partition: 0 }, { records, milliseconds });
    }
  }
}

/** Batches that wait to be written together; more wait to be answered. */
const maxReady = 64;

interface Answered {
  readonly records: number;
  /** None, or one with all of them. */
  readonly answers: readonly Uint8Array[];
  readonly letters: readonly Uint8Array[];
  readonly position: TailPosition;
  committed(): void;
}

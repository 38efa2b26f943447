// The embedded engine: lines of a tailed file → lines of a file, each exactly once over any restart. The output is written and synced
// first, then one SQLite transaction moves the position of the input and of the output; what a killed run wrote behind its last
// commit is cut off by the next one.
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchHandler, StreamEngine, StreamEvents, StreamRecord } from "../port.ts";
import { AppendedFile } from "./appended-file.ts";
import type { Line } from "./line-splitter.ts";
import { linesOf } from "./outgoing-lines.ts";
import { type Position, type PositionKey, Positions } from "./positions.ts";
import { TailedFile } from "./tailed-file.ts";

export interface FileEngineOptions {
  /** Absolute paths. */
  readonly input: string;
  readonly output: string;
  readonly deadLetter: string | null;
  readonly group: string;
  /** The SQLite file of the positions. */
  readonly offsetsFile: string;
  readonly batchSize: number;
  readonly maxLineBytes: number;
  /** Ends at the end of the file instead of waiting for more. */
  readonly untilEnd: boolean;
  /** The group's position is forgotten first: the file is read from its begin, and the output grows at its end. */
  readonly reset: boolean;
  readonly events: StreamEvents;
}

/** How often a file that has nothing new is looked at. */
const lookMs = 50;

export async function openFileEngine(options: FileEngineOptions): Promise<StreamEngine> {
  const { input, output, deadLetter, group } = options;
  const key: PositionKey = { group, input, output, deadLetter: deadLetter ?? "" };
  await using stack = new AsyncDisposableStack();
  const positions = stack.use(await Positions.open(options.offsetsFile));
  if (options.reset) await positions.forget(key);
  const begin = await positions.read(key);
  const tail = stack.use(
    new TailedFile({ path: input, maxLineBytes: options.maxLineBytes, note: (text) => options.events.note(text) }),
  );
  await tail.start(begin?.inode == null ? null : { inode: begin.inode, bytes: begin.bytes });
  const out = stack.use(await AppendedFile.open(output, begin?.output ?? -1));
  const dead = deadLetter === null ? null : stack.use(await AppendedFile.open(deadLetter, begin?.deadLetter ?? -1));
  const owned = stack.move();
  const run = new FileRun(options, { key, positions, tail, out, dead }, begin?.lines ?? 0);
  return {
    delivery: "exactly-once",
    run: (handler, signal) => run.run(handler, signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Files {
  readonly key: PositionKey;
  readonly positions: Positions;
  readonly tail: TailedFile;
  readonly out: AppendedFile;
  readonly dead: AppendedFile | null;
}

class FileRun {
  readonly #options: FileEngineOptions;
  readonly #files: Files;
  readonly #topic: string;
  #lines: number;

  constructor(options: FileEngineOptions, files: Files, lines: number) {
    this.#options = options;
    this.#files = files;
    this.#topic = basename(options.input);
    this.#lines = lines;
  }

  async run(handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const { tail } = this.#files;
    const { untilEnd, batchSize, events } = this.#options;
    const at = { topic: this.#topic, partition: 0 };
    events.rebalanced({ assigned: [at], revoked: [] });
    let quiet = 0;
    while (!signal.aborted) {
      let { lines, inode } = await tail.read();
      if (lines.length === 0 && (await tail.waiting()) === 0) {
        events.lag(at, 0);
        // A rotated file has its successor after a moment.
        if (untilEnd && ++quiet > 1) ({ lines, inode } = tail.last());
        if (lines.length === 0) {
          if (untilEnd && quiet > 1) return;
          await sleep(lookMs, undefined, { signal }).catch(() => {});
          continue;
        }
      }
      quiet = 0;
      for (let from = 0; from < lines.length && !signal.aborted; from += batchSize) {
        await this.#batch(lines.slice(from, from + batchSize), inode, { handler, signal });
      }
    }
  }

  async #batch(
    lines: readonly Line[],
    inode: string,
    { handler, signal }: { readonly handler: BatchHandler; readonly signal: AbortSignal },
  ): Promise<void> {
    const { events } = this.#options;
    const { out, dead, positions, key } = this.#files;
    const timestamp = Date.now();
    const records = lines.map(({ bytes }, index): StreamRecord => {
      const offset = BigInt(this.#lines + index);
      return { topic: this.#topic, partition: 0, offset, key: null, value: bytes, headers: [], timestamp };
    });
    const handled = await handler({ topic: this.#topic, partition: 0, records }, signal);
    const since = performance.now();
    await out.append(linesOf(handled.outgoing, "output"));
    await dead?.append(linesOf(handled.outgoing, "deadLetter"));
    const position: Position = {
      inode,
      bytes: lines.at(-1)!.end,
      lines: this.#lines + lines.length,
      output: out.size,
      deadLetter: dead?.size ?? 0,
    };
    await positions.write(key, position);
    this.#lines = position.lines;
    handled.committed?.();
    events.committed(
      { topic: this.#topic, partition: 0 },
      { records: lines.length, milliseconds: performance.now() - since },
    );
  }
}

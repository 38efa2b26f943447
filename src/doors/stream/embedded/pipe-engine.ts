// stdin → stdout, or a file: what cannot be read again has no position, so a crash loses what was under way, and the stream ends with
// its input. Answers are written in order, each part before the next one is read.
import type { Readable, Writable } from "node:stream";
import type { BatchHandler, StreamEngine, StreamEvents } from "../port.ts";
import { AppendedFile } from "./appended-file.ts";
import { linesOf, recordsOf } from "./line-batch.ts";
import { type LineSink, streamSink } from "./line-sink.ts";
import { type Line, LineSplitter } from "./line-splitter.ts";

export interface PipeEngineOptions {
  readonly input: Readable;
  /** A stream, or the absolute path of a file that is appended to; null: there are no answers. */
  readonly output: Writable | string | null;
  readonly deadLetter: Writable | string | null;
  readonly batchSize: number;
  readonly maxLineBytes: number;
  readonly events: StreamEvents;
}

const topic = "stdin";

export async function openPipeEngine(options: PipeEngineOptions): Promise<StreamEngine> {
  await using stack = new AsyncDisposableStack();
  const note = (text: string): void => options.events.note(text);
  const sinkOf = async (place: Writable | string | null): Promise<LineSink | null> => {
    if (place === null) return null;
    return stack.use(
      typeof place === "string" ? await AppendedFile.open(place, { committed: null, note }) : streamSink(place),
    );
  };
  const output = await sinkOf(options.output);
  const deadLetter = await sinkOf(options.deadLetter);
  const owned = stack.move();
  return {
    delivery: "at-least-once",
    run: (handler, signal) => run(options, { output, deadLetter }, { handler, signal }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Sinks {
  readonly output: LineSink | null;
  readonly deadLetter: LineSink | null;
}

interface Driver {
  readonly handler: BatchHandler;
  readonly signal: AbortSignal;
}

async function run(options: PipeEngineOptions, sinks: Sinks, driver: Driver): Promise<void> {
  const { input, maxLineBytes, events } = options;
  const { signal } = driver;
  events.rebalanced({ assigned: [{ topic, partition: 0 }], revoked: [] });
  const splitter = new LineSplitter({ position: 0, number: 0, maxBytes: maxLineBytes });
  const iterator = input[Symbol.asyncIterator]();
  const stopped = new Promise<"stopped">((resolve) => {
    if (signal.aborted) resolve("stopped");
    else signal.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
  for (;;) {
    // Whoever stops it waits for no further line; what was read is answered.
    const next = await Promise.race([stopped, iterator.next()]);
    if (next === "stopped") break;
    if (next.done === true) {
      await answer(splitter.end(), { options, sinks, driver });
      return;
    }
    await answer(splitter.push(Buffer.from(next.value as Uint8Array)), { options, sinks, driver });
  }
  input.destroy();
}

interface Parts {
  readonly options: PipeEngineOptions;
  readonly sinks: Sinks;
  readonly driver: Driver;
}

async function answer(lines: readonly Line[], { options, sinks, driver }: Parts): Promise<void> {
  const { batchSize, events } = options;
  for (let from = 0; from < lines.length; from += batchSize) {
    const records = recordsOf(lines.slice(from, from + batchSize), topic);
    const handled = await driver.handler({ topic, partition: 0, records }, driver.signal);
    const since = performance.now();
    await sinks.output?.append(linesOf(handled.outgoing, "output"));
    await sinks.deadLetter?.append(linesOf(handled.outgoing, "deadLetter"));
    const done = handled.ended?.records ?? records.length;
    if (done > 0) {
      handled.committed?.();
      const milliseconds = performance.now() - since;
      events.committed({ topic, partition: 0 }, { records: done, milliseconds });
    }
    if (handled.ended !== undefined) throw handled.ended.error;
  }
}

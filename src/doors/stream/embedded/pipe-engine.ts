// stdin → stdout: what has no position cannot be read again, so each line is answered at most once more than it is committed, and
// the stream ends with its input.

import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { BatchHandler, StreamEngine, StreamEvents, StreamRecord } from "../port.ts";
import { AppendedFile } from "./appended-file.ts";
import { LineSplitter } from "./line-splitter.ts";
import { linesOf } from "./outgoing-lines.ts";

export interface PipeEngineOptions {
  readonly input: Readable;
  /** A stream, or the absolute path of a file that is appended to. */
  readonly output: Writable | string;
  readonly deadLetter: Writable | string | null;
  readonly batchSize: number;
  readonly maxLineBytes: number;
  readonly events: StreamEvents;
}

const topic = "stdin";

export async function openPipeEngine(options: PipeEngineOptions): Promise<StreamEngine> {
  await using stack = new AsyncDisposableStack();
  const sinkOf = async (place: Writable | string): Promise<Sink> =>
    typeof place === "string" ? fileSink(stack.use(await AppendedFile.open(place, -1))) : streamSink(place);
  const output = await sinkOf(options.output);
  const deadLetter = options.deadLetter === null ? null : await sinkOf(options.deadLetter);
  const owned = stack.move();
  return {
    delivery: "at-least-once",
    run: (handler, signal) => run(options, { output, deadLetter }, { handler, signal }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Sink = (parts: readonly Uint8Array[]) => Promise<void>;

interface Sinks {
  readonly output: Sink;
  readonly deadLetter: Sink | null;
}

interface Driver {
  readonly handler: BatchHandler;
  readonly signal: AbortSignal;
}

async function run(
  { input, batchSize, maxLineBytes, events }: PipeEngineOptions,
  sinks: Sinks,
  driver: Driver,
): Promise<void> {
  const { signal } = driver;
  const splitter = new LineSplitter("stdin", { position: 0, maxBytes: maxLineBytes });
  let lines = 0;
  const answer = async (found: ReturnType<LineSplitter["push"]>): Promise<void> => {
    for (let from = 0; from < found.length; from += batchSize) {
      const some = found.slice(from, from + batchSize);
      const timestamp = Date.now();
      const records = some.map(({ bytes }, index): StreamRecord => {
        const offset = BigInt(lines + index);
        return { topic, partition: 0, offset, key: null, value: bytes, headers: [], timestamp };
      });
      const handled = await driver.handler({ topic, partition: 0, records }, signal);
      const since = performance.now();
      await sinks.output(linesOf(handled.outgoing, "output"));
      await sinks.deadLetter?.(linesOf(handled.outgoing, "deadLetter"));
      lines += some.length;
      handled.committed?.();
      events.committed({ topic, partition: 0 }, { records: some.length, milliseconds: performance.now() - since });
    }
  };
  // Whoever stops it waits for no further line.
  const stop = (): void => void input.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of input) await answer(splitter.push(chunk as Uint8Array));
    await answer(splitter.end());
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function fileSink(file: AppendedFile): Sink {
  return (parts) => file.append(parts);
}

function streamSink(stream: Writable): Sink {
  return async (parts) => {
    if (parts.length === 0 || stream.write(Buffer.concat(parts))) return;
    await once(stream, "drain");
  };
}

// A stream over files in a folder of its own, whose handler echoes lines: what is not JSON is a dead letter.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileEngineOptions, openFileEngine } from "../../../../src/doors/stream/embedded/file-engine.ts";
import { deadLetter } from "../../../../src/doors/stream/poison/dead-letter.ts";
import type { BatchHandler, StreamEvents } from "../../../../src/doors/stream/port.ts";

export interface StreamFolder extends Disposable {
  readonly path: string;
  at(name: string): string;
  /** Lines of a file; none when it is not there. */
  lines(name: string): readonly string[];
}

export function streamFolder(): StreamFolder {
  const path = mkdtempSync(join(tmpdir(), "trimaran-stream-"));
  return {
    path,
    at: (name) => join(path, name),
    lines(name) {
      const text = readFileSync(join(path, name), { encoding: "utf8", flag: "a+" });
      return text === "" ? [] : text.replace(/\n$/, "").split("\n");
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** What is said on the way. */
export function listener(notes: string[] = []): StreamEvents {
  const nothing = (): void => {};
  return {
    rebalanced: nothing,
    lag: nothing,
    committed: nothing,
    aborted: nothing,
    note: (text) => void notes.push(text),
  };
}

export const echo: BatchHandler = async ({ records }) => ({
  outgoing: records.map((record) => {
    const { key, value, headers } = record;
    try {
      JSON.parse(Buffer.from(value!).toString());
      return { to: "output", key, value, headers };
    } catch {
      const issues = [{ path: "", code: "not_json", message: "No." }];
      return deadLetter(record, { issues, modelVersion: "1" });
    }
  }),
});

export interface RunOptions extends Partial<FileEngineOptions> {
  readonly handler?: BatchHandler;
  readonly signal?: AbortSignal;
}

/** From `in.ndjson` to `out.ndjson` and `dead.ndjson`, to the end unless told otherwise. */
export async function runFiles(
  folder: StreamFolder,
  { handler = echo, signal = new AbortController().signal, ...options }: RunOptions = {},
): Promise<void> {
  await using engine = await openFileEngine({
    input: folder.at("in.ndjson"),
    output: folder.at("out.ndjson"),
    deadLetter: folder.at("dead.ndjson"),
    group: "g",
    offsetsFile: folder.at("offsets.db"),
    batchSize: 100,
    maxLineBytes: 10_000,
    untilEnd: true,
    reset: false,
    events: listener(),
    ...options,
  });
  await engine.run(handler, signal);
}

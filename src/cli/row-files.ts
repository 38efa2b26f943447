// Where rows come from and answers go to: files by their extension, or stdin and stdout. A file appears under its name only
// when it is whole.
import { randomBytes } from "node:crypto";
import { constants, createWriteStream, type WriteStream } from "node:fs";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { addAbortSignal, type Readable, type Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { trimaranError } from "../base/errors.ts";
import type { CliHost } from "./host.ts";
import { writeOutput } from "./write-output.ts";

export type RowFormat = "ndjson" | "csv";

/** @throws TABLE_FORMAT for an extension that promises something else */
export function rowFormat(path: string): RowFormat {
  const extension = extname(path).toLowerCase();
  if (extension === ".csv") return "csv";
  if (otherFormats.includes(extension)) throw trimaranError("TABLE_FORMAT", { name: basename(path), extension });
  return "ndjson";
}

const otherFormats: readonly string[] = [
  ".parquet",
  ".arrow",
  ".feather",
  ".tsv",
  ".xlsx",
  ".xls",
  ".gz",
  ".zst",
  ".zip",
];

/**
 * The bytes of a file, or of stdin for `-`. Ends with an AbortError when the host stops.
 * @throws FILE_NOT_FOUND, FILE_NOT_READABLE
 */
export async function openInput(path: string, host: CliHost): Promise<Readable> {
  if (path === "-") return addAbortSignal(host.signal, host.stdin);
  try {
    const file = await openUnlessStopped(path, host.signal);
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw trimaranError("FILE_NOT_READABLE", { path, problem: "it is a folder" });
    }
    return file.createReadStream({ signal: host.signal, highWaterMark: 1 << 18 });
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === undefined) throw cause;
    if (code === "ENOENT" || code === "ENOTDIR") throw trimaranError("FILE_NOT_FOUND", { path }, { cause });
    throw trimaranError("FILE_NOT_READABLE", { path, problem: code }, { cause });
  }
}

/**
 * Opening a named pipe waits for its writer. A thread of Node's waits there, and the process cannot end before it does: when it
 * is told to stop, the other end is opened for a moment.
 */
async function openUnlessStopped(path: string, signal: AbortSignal): Promise<FileHandle> {
  const release = (): void => {
    open(path, constants.O_WRONLY | constants.O_NONBLOCK).then(
      (end) => end.close(),
      () => {},
    );
  };
  const isPipe = (await stat(path)).isFIFO();
  if (isPipe) signal.addEventListener("abort", release, { once: true });
  try {
    const file = await open(path);
    if (!signal.aborted) return file;
    await file.close();
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", release);
  }
}

export interface RowOutput {
  /** Resolves when more may be written. */
  write(text: string | Uint8Array): Promise<void>;
  /** The output is whole: a file takes its name. */
  finish(): Promise<void>;
  /** The output is not wanted: a file leaves nothing behind. */
  discard(): Promise<void>;
}

/** @throws FILE_NOT_WRITABLE */
export async function openOutput(path: string, host: CliHost): Promise<RowOutput> {
  if (path === "-") {
    return {
      write: (text) => writeTo(host.stdout, text, "the standard output"),
      finish: async () => {},
      discard: async () => {},
    };
  }
  const target = await realpath(path).catch(() => path);
  const known = await stat(target).catch(() => undefined);
  if (known?.isDirectory()) throw trimaranError("FILE_NOT_WRITABLE", { path, problem: "it is a folder" });
  // A device or a pipe has no name that could be taken later.
  const isFile = known === undefined || known.isFile();
  const place = isFile ? join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.part`) : target;
  const stream = createWriteStream(place, { flags: isFile ? "wx" : "w", mode: known?.isFile() ? known.mode : 0o666 });
  const ended = finished(stream);
  // Heard where the stream is used; here only so that nobody's absence ends the process.
  ended.catch(() => {});
  await opened(stream, path);
  return {
    write: (text) => writeTo(stream, text, path),
    async finish() {
      stream.end();
      await ended.catch((cause: unknown) => Promise.reject(notWritable(path, cause)));
      if (isFile) await rename(place, target).catch((cause: unknown) => Promise.reject(notWritable(path, cause)));
    },
    async discard() {
      stream.destroy();
      await ended.catch(() => {});
      if (isFile) await rm(place, { force: true });
    },
  };
}

function opened(stream: WriteStream, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("open", () => resolve());
    stream.once("error", (cause) => reject(notWritable(path, cause)));
  });
}

async function writeTo(stream: Writable, text: string | Uint8Array, path: string): Promise<void> {
  await writeOutput(stream, text).catch((cause: unknown) => Promise.reject(notWritable(path, cause)));
}

function notWritable(path: string, cause: unknown): unknown {
  const code = errnoOf(cause);
  return code === undefined ? cause : trimaranError("FILE_NOT_WRITABLE", { path, problem: code }, { cause });
}

function errnoOf(cause: unknown): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

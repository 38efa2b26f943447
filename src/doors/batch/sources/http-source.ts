// A file by HTTP or HTTPS. What it is, is asked by its first byte (signed addresses take no HEAD); it is read whole, goes on where a
// connection was cut, and must stay what it was when it was listed. No redirect leads to another host.
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { type HttpStreamAnswer, HttpStreams } from "../../../io/http-stream.ts";
import { assertFormat, withoutEnding } from "../file-format.ts";
import type { InputFile, InputSource } from "../ports.ts";
import { writeProblem } from "../write-problem.ts";

const idleMs = 60_000;
const attempts = 5;
/** Of one file. */
const maxBytes = 2 ** 40;

interface Listed {
  /** null: it is not told. */
  readonly bytes: number | null;
  readonly etag: string | null;
  readonly modified: string | null;
}

export async function openHttpSource(url: string): Promise<InputSource> {
  const address = addressOf(url);
  const streams = new HttpStreams();
  const uri = shownUri(address);
  const remote = new RemoteFile({ streams, address, uri });
  let listed: Listed | null = null;
  return {
    async list(signal) {
      listed = await remote.ask(signal);
      const { bytes, etag, modified } = listed;
      if ((bytes ?? 0) > maxBytes) throw trimaranError("BATCH_LIMIT", { name: uri, limit: maxBytes });
      const file = basename(decoded(address.pathname));
      const time = modified === null ? Number.NaN : Date.parse(modified);
      return [
        {
          uri,
          name: withoutEnding(file),
          size: bytes ?? 0,
          ...(etag === null ? {} : { etag }),
          ...(Number.isNaN(time) ? {} : { modified: new Date(time).toISOString() }),
          ...assertFormat(file),
        } satisfies InputFile,
      ];
    },
    async fetch(_, folder, signal) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, createHash("sha256").update(uri).digest("hex").slice(0, 24));
      listed ??= await remote.ask(signal);
      await remote.download(listed, path, signal);
      return path;
    },
    async assertSame(_, signal) {
      const now = await remote.ask(signal);
      if (listed === null || !isSame(listed, now)) throw trimaranError("BATCH_CHANGED", { name: uri });
    },
    async [Symbol.asyncDispose]() {
      streams.close();
    },
  };
}

function addressOf(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const example = "https://HOST/PATH/FILE.parquet";
  throw trimaranError("BATCH_URL", { what: "file", problem: "it is malformed", example });
}

/** Without user, password and what follows `?`, of which a digest tells files apart. */
function shownUri({ origin, pathname, search }: URL): string {
  const rest = search === "" ? "" : `?${createHash("sha256").update(search).digest("hex").slice(0, 12)}`;
  return `${origin}${pathname}${rest}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Weak and strong ones of the same content count as one. */
function isSame(before: Listed, now: Listed): boolean {
  if (before.bytes !== null && now.bytes !== null && before.bytes !== now.bytes) return false;
  if (before.etag !== null || now.etag !== null) {
    return before.etag?.replace(/^W\//, "") === now.etag?.replace(/^W\//, "");
  }
  return before.modified === now.modified;
}

interface Parts {
  readonly streams: HttpStreams;
  readonly address: URL;
  readonly uri: string;
}

/** An answer that may be another one later. */
class Temporary extends Error {}

class RemoteFile {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws BATCH_SOURCE, BATCH_REFUSED, FILE_NOT_FOUND */
  ask(signal: AbortSignal): Promise<Listed> {
    return this.#patiently(signal, async () => {
      const answer = await this.#open({ range: "bytes=0-0" }, signal);
      const listed = listedOf(answer);
      await drop(answer);
      if (answer.status === 416) return { ...listed, bytes: 0 };
      return listed;
    });
  }

  /** @throws BATCH_CHANGED, BATCH_SOURCE, BATCH_REFUSED, BATCH_LIMIT, BATCH_SPACE */
  async download(listed: Listed, path: string, signal: AbortSignal): Promise<void> {
    const { uri } = this.#parts;
    const progress = { done: 0 };
    await using file = await open(path, "w").catch((cause: unknown) => Promise.reject(writeProblem(uri, cause)));
    const write = async (piece: Uint8Array): Promise<void> => {
      try {
        for (let at = 0; at < piece.length; ) {
          const { bytesWritten } = await file.write(piece, at, piece.length - at, progress.done);
          at += bytesWritten;
          progress.done += bytesWritten;
        }
      } catch (cause) {
        throw writeProblem(uri, cause);
      }
      if (progress.done > maxBytes) throw trimaranError("BATCH_LIMIT", { name: uri, limit: maxBytes });
    };
    const isStrong = listed.etag !== null && !listed.etag.startsWith("W/");
    await this.#patiently(
      signal,
      async () => {
        // Only what a strong tag names can be put together from two answers.
        if (!isStrong) progress.done = 0;
        const goesOn = progress.done > 0 && isStrong;
        const headers: Record<string, string> = goesOn
          ? { range: `bytes=${progress.done}-`, "if-range": listed.etag ?? "" }
          : {};
        const answer = await this.#open(headers, signal);
        const now = listedOf(answer);
        if (!isSame(listed, now)) {
          await drop(answer);
          throw trimaranError("BATCH_CHANGED", { name: uri });
        }
        if (answer.status !== 206) progress.done = 0;
        await copied(answer, write);
        const bytes = listed.bytes ?? now.bytes;
        if (bytes !== null && progress.done < bytes) throw new Temporary(`${progress.done} bytes of ${bytes} came`);
        if (bytes !== null && progress.done > bytes) throw trimaranError("BATCH_CHANGED", { name: uri });
        await file.truncate(progress.done);
      },
      progress,
    );
  }

  async #open(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpStreamAnswer> {
    const { streams, address, uri } = this.#parts;
    const identity = { "accept-encoding": "identity", ...headers };
    const answer = await streams.open({ url: address, method: "GET", headers: identity, body: null, idleMs, signal });
    signal.throwIfAborted();
    if (answer.kind === "redirect") throw trimaranError("BATCH_REFUSED", { name: uri, problem: answer.problem });
    if (answer.kind !== "answer") throw new Temporary(answer.problem);
    const { status } = answer;
    if (status === 200 || status === 206 || (status === 416 && headers["range"] === "bytes=0-0")) {
      const coding = answer.header("content-encoding") ?? "identity";
      if (coding === "identity" || coding === "") return answer;
      await drop(answer);
      throw trimaranError("BATCH_REFUSED", { name: uri, problem: "it is sent compressed, though asked not to be" });
    }
    await drop(answer);
    if (status === 404 || status === 410) throw trimaranError("FILE_NOT_FOUND", { path: uri });
    if (status === 412 || status === 416) throw trimaranError("BATCH_CHANGED", { name: uri });
    if (status === 408 || status === 429 || status >= 500) throw new Temporary(`it answers ${status}`);
    throw trimaranError("BATCH_REFUSED", { name: uri, problem: `it answers ${status}` });
  }

  /** What may be mended by waiting is tried again, for as long as something comes. */
  async #patiently<T>(signal: AbortSignal, act: () => Promise<T>, progress = { done: 0 }): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const before = progress.done;
      try {
        return await act();
      } catch (cause) {
        signal.throwIfAborted();
        if (isTrimaranError(cause)) throw cause;
        if (progress.done > before) attempt = 1;
        if (attempt >= attempts) {
          const problem = cause instanceof Temporary ? cause.message : "the connection broke";
          throw trimaranError("BATCH_SOURCE", { name: this.#parts.uri, problem }, { cause });
        }
        await sleep(100 * 2 ** attempt, undefined, { signal });
      }
    }
  }
}

async function copied(answer: HttpStreamAnswer, write: (piece: Uint8Array) => Promise<void>): Promise<void> {
  for await (const piece of answer.body) await write(piece);
}

async function drop({ body }: HttpStreamAnswer): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

function listedOf(answer: HttpStreamAnswer): Listed {
  const [, whole] = /\/(\d+)\s*$/.exec(answer.header("content-range") ?? "") ?? [];
  const length = answer.status === 200 ? answer.header("content-length") : null;
  const bytes = whole ?? length;
  return {
    bytes: bytes === null || bytes === undefined || !/^\d+$/.test(bytes) ? null : Number(bytes),
    etag: answer.header("etag"),
    modified: answer.header("last-modified"),
  };
}

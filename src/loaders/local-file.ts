// Files that a user named: regular ones only, up to a size, read whole or only digested.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../base/errors.ts";

/** Of a model file: what one buffer safely holds. */
export const defaultMaxBytes: number = 2 ** 31 - 1;

/** The local path of a URI. @throws MODEL_URI for schemes that are not read */
export function localPath(uri: string): string {
  if (uri.startsWith("file:")) {
    try {
      return fileURLToPath(uri);
    } catch (cause) {
      throw trimaranError("MODEL_URI", { uri, problem: "it is no URI of a local file" }, { cause });
    }
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1];
  if (scheme?.toLowerCase().startsWith("oip+")) {
    throw trimaranError("MODEL_URI", { uri: `${scheme}:…`, problem: "a model behind a server has no file to read" });
  }
  if (scheme !== undefined)
    throw trimaranError("MODEL_URI", { uri: `${scheme}:…`, problem: "only local files are read" });
  return resolve(uri);
}

/** @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_NOT_REGULAR, FILE_TOO_LARGE */
export function readRegularFile(path: string, maxBytes: number): Promise<Uint8Array> {
  return withRegularFile(path, maxBytes, async (file) => {
    // A plain view: slices of a Buffer are no copies, and readers of formats rely on copies.
    const buffer = await file.readFile();
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  });
}

export interface FileDigest {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly length: number;
}

/** Takes as little memory for a large file as for a small one. @throws what `readRegularFile` throws */
export function digestRegularFile(path: string, maxBytes: number): Promise<FileDigest> {
  return withRegularFile(path, maxBytes, async (file, size) => {
    const hash = createHash("sha256");
    const chunk = new Uint8Array(Math.min(chunkBytes, Math.max(size, 1)));
    for (let length = 0; ; ) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return { digest: `sha256:${hash.digest("hex")}`, length };
      hash.update(chunk.subarray(0, bytesRead));
      length += bytesRead;
    }
  });
}

const chunkBytes = 1 << 20;

async function withRegularFile<Value>(
  path: string,
  maxBytes: number,
  use: (file: FileHandle, size: number) => Promise<Value>,
): Promise<Value> {
  let file: FileHandle | undefined;
  try {
    // A pipe must not block the opening; it is refused below.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const info = await file.stat();
    if (!info.isFile()) throw trimaranError("FILE_NOT_REGULAR", { path });
    if (info.size > maxBytes) throw trimaranError("FILE_TOO_LARGE", { path, bytes: info.size, limit: maxBytes });
    return await use(file, info.size);
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw fileError(path, cause);
  } finally {
    await file?.close();
  }
}

export function fileError(path: string, cause: unknown): Error {
  const code = errnoOf(cause) ?? "unknown error";
  if (code === "ENOENT" || code === "ENOTDIR") return trimaranError("FILE_NOT_FOUND", { path }, { cause });
  return trimaranError("FILE_NOT_READABLE", { path, problem: code }, { cause });
}

export function errnoOf(cause: unknown): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

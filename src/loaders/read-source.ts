// The bytes of a model: one file, or of a folder with an MLmodel the files that it names. Nothing else is read.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import { exampleMembers, folderMembers, maxExampleBytes } from "../formats/read/folder-members.ts";
import type { ModelSource } from "../formats/read/model-source.ts";
import { readMLmodel } from "../mlflow/mlmodel.ts";

export interface ReadSourceOptions {
  /** @default 2 GiB - 1, what one buffer safely holds */
  readonly maxBytes?: number;
}

export interface ReadSource {
  readonly source: ModelSource;
  /** `sha256:` and 64 hex digits: of the file, or over the names and digests of a folder's files. */
  readonly digest: string;
  readonly bytes: number;
}

const defaultMaxBytes = 2 ** 31 - 1;

/**
 * Reads the model at a local path or `file:` URI.
 * @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_NOT_REGULAR, FILE_TOO_LARGE, FORMAT_FOLDER, MLMODEL_INVALID, MODEL_URI
 */
export async function readSource(uri: string, options: ReadSourceOptions = {}): Promise<ReadSource> {
  const path = localPath(uri);
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const info = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (!info.isDirectory()) {
    const bytes = await readRegularFile(path, maxBytes);
    const source: ModelSource = { kind: "file", name: basename(path), bytes };
    return { source, digest: sha256(bytes), bytes: bytes.length };
  }
  return readFolder(path, maxBytes);
}

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

async function readFolder(path: string, maxBytes: number): Promise<ReadSource> {
  const name = basename(path);
  const root = await realpath(path);
  const description = await readMember(root, "MLmodel", { name, maxBytes });
  if (description === undefined) throw trimaranError("FORMAT_FOLDER", { name });
  const files = new Map([["MLmodel", description]]);
  let bytes = description.length;
  for (const member of folderMembers(description, name)) {
    const content = await readMember(root, member, { name, maxBytes: maxBytes - bytes });
    if (content === undefined) {
      throw trimaranError("MLMODEL_INVALID", { name, problem: `it names the file ${member}, which is not there` });
    }
    files.set(member, content);
    bytes += content.length;
  }
  const hash = createHash("sha256");
  for (const [member, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${member}\0${sha256(content)}\n`);
  }
  // What the model is read without is not part of its digest.
  for (const member of exampleMembers(readMLmodel(description, name), name)) {
    const example = await readExample(root, member, { name, maxBytes: maxExampleBytes });
    if (example !== undefined) files.set(member, example);
  }
  return { source: { kind: "folder", name, files }, digest: `sha256:${hash.digest("hex")}`, bytes };
}

/** An example that is not there, or not to be read, is none. */
async function readExample(
  root: string,
  member: string,
  options: { name: string; maxBytes: number },
): Promise<Uint8Array | undefined> {
  try {
    return await readMember(root, member, options);
  } catch (cause) {
    if (isTrimaranError(cause) && cause.code.startsWith("FILE_")) return undefined;
    throw cause;
  }
}

/** A file below `root`, or undefined when it is not there. A link that leads out of the folder is refused. */
async function readMember(
  root: string,
  member: string,
  { name, maxBytes }: { name: string; maxBytes: number },
): Promise<Uint8Array | undefined> {
  const real = await realpath(join(root, member)).catch((cause: unknown) => {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return undefined;
    throw fileError(member, cause);
  });
  if (real === undefined) return undefined;
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw trimaranError("MLMODEL_INVALID", { name, problem: `${member} is a link that leads out of the folder` });
  }
  return readRegularFile(real, maxBytes);
}

async function readRegularFile(path: string, maxBytes: number): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // A pipe must not block the opening; it is refused below.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const info = await file.stat();
    if (!info.isFile()) throw trimaranError("FILE_NOT_REGULAR", { path });
    if (info.size > maxBytes) throw trimaranError("FILE_TOO_LARGE", { path, bytes: info.size, limit: maxBytes });
    // A plain view: slices of a Buffer are no copies, and readers of formats rely on copies.
    const buffer = await file.readFile();
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw fileError(path, cause);
  } finally {
    await file?.close();
  }
}

function fileError(path: string, cause: unknown): Error {
  const code = errnoOf(cause) ?? "unknown error";
  if (code === "ENOENT" || code === "ENOTDIR") return trimaranError("FILE_NOT_FOUND", { path }, { cause });
  return trimaranError("FILE_NOT_READABLE", { path, problem: code }, { cause });
}

function errnoOf(cause: unknown): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

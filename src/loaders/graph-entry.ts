// The files of the graph cache: written whole or not at all, read array by array to where they are to lie.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import { headLength, preambleBytes, readHeader, readParts } from "../formats/graph/container.ts";

export interface ReadEntry {
  readonly value: unknown;
  /** The shared memory that holds these bytes from its address 0; null where they lie elsewhere. */
  memoryOf(bytes: Uint8Array): WebAssembly.Memory | null;
}

/** Smaller arrays are not worth a memory of their own. */
const leastShared = 64;
const byteType = 4;
const staleMs = 3_600_000;

/** @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FORMAT_DAMAGED, FORMAT_LIMIT, GRAPH_VERSION */
export async function readEntry(path: string): Promise<ReadEntry> {
  const name = basename(path);
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const info = await file.stat();
    const isOurs = process.getuid === undefined || info.uid === process.getuid();
    if (!info.isFile() || !isOurs) throw trimaranError("FILE_NOT_REGULAR", { path });
    const preamble = new Uint8Array(preambleBytes);
    await fill(file, preamble, { at: 0, name });
    const length = headLength(preamble, name);
    if (length > info.size)
      throw trimaranError("FORMAT_DAMAGED", { name, problem: "it ends in its head", offset: info.size });
    const head = new Uint8Array(length);
    await fill(file, head, { at: 0, name });
    const header = readHeader(head, name);
    if (header.kind !== "prepared" || header.fileBytes !== info.size) {
      throw trimaranError("FORMAT_DAMAGED", { name, problem: "it is no whole entry", offset: info.size });
    }
    const memories = new Map<ArrayBufferLike, WebAssembly.Memory>();
    const arrays: Uint8Array[] = [];
    for (const { type, bytes, offset } of header.arrays) {
      const memory = type === byteType && bytes > leastShared ? sharedMemory(bytes) : null;
      const into = memory === null ? new Uint8Array(bytes) : new Uint8Array(memory.buffer, 0, bytes);
      if (memory !== null) memories.set(memory.buffer, memory);
      await fill(file, into, { at: offset, name });
      arrays.push(into);
    }
    const value = readParts({ head, header, arrays }, name);
    return { value, memoryOf: (bytes) => memories.get(bytes.buffer) ?? null };
  } catch (cause) {
    if (isTrimaranError(cause)) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") throw trimaranError("FILE_NOT_FOUND", { path }, { cause });
    throw trimaranError("FILE_NOT_READABLE", { path, problem: code ?? "it failed" }, { cause });
  } finally {
    await file?.close();
  }
}

/** Beside the place first, then renamed: whoever reads sees the old entry or the whole new one. */
export async function writeEntry(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const temporary = join(dirname(path), `.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
  const file = await open(temporary, "wx", 0o600);
  try {
    try {
      for (const piece of pieces) {
        for (let at = 0; at < piece.length; ) at += (await file.write(piece, at, piece.length - at)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Says that an entry was used; one that is gone or not ours stays as it is. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

/** Removes what was not used for longest until the rest fits, and what writers that died left behind. */
export async function trimFolder(folder: string, maxBytes: number, keep: string): Promise<void> {
  const entries: { path: string; bytes: number; used: number }[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    if (info === null || !info.isFile()) continue;
    if (name.endsWith(".graph")) entries.push({ path, bytes: info.size, used: info.mtimeMs });
    else if (name.endsWith(".tmp") && Date.now() - info.mtimeMs > staleMs) await rm(path, { force: true });
  }
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of entries.sort((a, b) => a.used - b.used)) {
    if (total <= maxBytes) return;
    if (path === keep) continue;
    await rm(path, { force: true });
    total -= bytes;
  }
}

async function fill(file: FileHandle, into: Uint8Array, { at, name }: { at: number; name: string }): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw trimaranError("FORMAT_DAMAGED", { name, problem: "it is cut off", offset: at + done });
    done += bytesRead;
  }
}

function sharedMemory(bytes: number): WebAssembly.Memory | null {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 65536, shared: true });
  } catch {
    return null;
  }
}

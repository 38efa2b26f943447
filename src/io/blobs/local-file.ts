// Files of the disk: written through to it, and its faults as ours.
import type { BigIntStats } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";

/** Null when nothing can be there. */
export async function fileStats(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP") return null;
    throw error;
  }
}

/** A new file that is on the disk when this ends. What `body` throws is thrown on. @throws BLOB_* */
export async function writeFile(path: string, body: AsyncIterable<Uint8Array>, location: string): Promise<number> {
  const asked = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw diskError(error, location);
    }
  };
  const handle = await asked(() => open(path, "wx", 0o644));
  let size = 0;
  // While one batch is written the next one comes in.
  let writing: Promise<void> = Promise.resolve();
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  // And what is written already goes on to the disk, so that there is little left at the end.
  let syncing: Promise<void> | null = null;
  let unsynced = 0;
  const sync = (): Promise<void> => {
    unsynced = 0;
    const done = asked(() => handle.datasync());
    done.catch(() => {});
    return done;
  };
  const flush = async (): Promise<void> => {
    await writing;
    const full = batch;
    unsynced += batchBytes;
    batch = [];
    batchBytes = 0;
    if (unsynced > syncEveryBytes) {
      await syncing;
      syncing = sync();
    }
    writing = asked(() => writeAll(handle, full));
    // Awaited by the next batch; until then a failure is no unhandled one.
    writing.catch(() => {});
  };
  try {
    for await (const chunk of body) {
      batch.push(chunk);
      batchBytes += chunk.length;
      size += chunk.length;
      if (batchBytes >= maxBatchBytes) await flush();
    }
    await flush();
    await Promise.all([writing, syncing]);
    await sync();
  } finally {
    await Promise.allSettled([writing, syncing]);
    await handle.close();
  }
  return size;
}

const maxBatchBytes = 1 << 20;
const syncEveryBytes = 32 << 20;

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let left = chunks.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    while (left[0] !== undefined && bytesWritten >= left[0].length) {
      bytesWritten -= left[0].length;
      left = left.slice(1);
    }
    if (left[0] !== undefined && bytesWritten > 0) left = [left[0].subarray(bytesWritten), ...left.slice(1)];
  }
}

/** So that a new name is still there when the machine stops. Not every system can. */
export async function fsyncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) !== "EINVAL" && codeOf(error) !== "EPERM") throw error;
  } finally {
    await handle.close();
  }
}

/** What is no fault of the disk stays as it is. */
export function diskError(error: unknown, location: string): unknown {
  if (isTrimaranError(error)) return error;
  const code = codeOf(error);
  switch (code) {
    case null:
      return error;
    case "ENOSPC":
    case "EDQUOT":
      return trimaranError("BLOB_FULL", { location }, { cause: error });
    case "EFBIG":
      return trimaranError("BLOB_FULL", { location }, { cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return trimaranError("BLOB_DENIED", { location, problem: code }, { cause: error });
    case "EISDIR":
    case "ENOTDIR":
    case "EEXIST":
    case "ENOTEMPTY":
      return trimaranError("BLOB_CONFLICT", { location }, { cause: error });
    case "ENAMETOOLONG":
      return trimaranError("BLOB_PATH", { problem: "a name in it is too long" }, { cause: error });
    case "ELOOP":
    case "ENOENT":
      return trimaranError("BLOB_CHANGED", { location }, { cause: error });
    default:
      return trimaranError("BLOB_STORE", { location, problem: code }, { cause: error });
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && "syscall" in error && typeof error.code === "string"
    ? error.code
    : null;
}

// A file that is written at its end, by us alone, and cut back to what was committed when a run before this one was killed while it
// wrote.
import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { trimaranError } from "../../../base/errors.ts";
import type { AppendedPosition, LineSink } from "./line-sink.ts";

export interface AppendedOptions {
  /** What stood when a run before this one committed last; null: all that is there stands. */
  readonly committed: AppendedPosition | null;
  /** Told when another file has the name by now. */
  readonly note: (text: string) => void;
}

export class AppendedFile implements LineSink {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #inode: string;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, { inode, bytes }: AppendedPosition) {
    this.#path = path;
    this.#handle = handle;
    this.#inode = inode;
    this.#bytes = bytes;
  }

  /** @throws STREAM_OUTPUT_SHORT, STREAM_FILE */
  static async open(path: string, { committed, note }: AppendedOptions): Promise<AppendedFile> {
    let handle: FileHandle | undefined;
    try {
      await mkdir(dirname(path), { recursive: true });
      // Neither emptied nor in append mode, in which nothing could be written at a place.
      handle = await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return open(path, "wx+");
      });
      const info = await handle.stat({ bigint: true });
      if (!info.isFile()) throw trimaranError("STREAM_FILE", { file: path, use: "written", problem: "it is no file" });
      const inode = inodeOf(info);
      const size = Number(info.size);
      if (committed === null || committed.inode !== inode) {
        if (committed !== null)
          note(`${path} is another file than the one that was written before: going on at its end.`);
        return new AppendedFile(path, handle, { inode, bytes: await endedLines(handle, size) });
      }
      const { bytes } = committed;
      if (size < bytes) throw trimaranError("STREAM_OUTPUT_SHORT", { file: path, size, position: bytes });
      if (size > bytes) await handle.truncate(bytes);
      return new AppendedFile(path, handle, { inode, bytes });
    } catch (error) {
      await handle?.close();
      throw fileError(path, "written", error);
    }
  }

  get position(): AppendedPosition {
    return { inode: this.#inode, bytes: this.#bytes };
  }

  /** @throws STREAM_FILE, STREAM_DISK_FULL, STREAM_OUTPUT_CHANGED */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    if (parts.length === 0) return;
    try {
      await this.#assertOurs();
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#bytes + done);
        done += bytesWritten;
      }
      await this.#handle.datasync();
      this.#bytes += bytes.length;
    } catch (error) {
      throw fileError(this.#path, "written", error);
    }
  }

  /** Nobody else has written to it, emptied it, or put it away: what is written next would be lost, or overwrite. */
  async #assertOurs(): Promise<void> {
    const info = await stat(this.#path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    const size = info === null ? 0 : Number(info.size);
    if (info !== null && inodeOf(info) === this.#inode && size === this.#bytes) return;
    throw trimaranError("STREAM_OUTPUT_CHANGED", { file: this.#path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** Without the number of its device, which may be another one after a restart of the machine. */
export function inodeOf({ ino }: { readonly ino: bigint }): string {
  return String(ino);
}

/** A last line that nobody ended is ended, so that ours does not go on in it. */
async function endedLines(handle: FileHandle, size: number): Promise<number> {
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  if (last[0] === 10) return size;
  await handle.write("\n", size);
  return size + 1;
}

export function fileError(file: string, use: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") return trimaranError("STREAM_DISK_FULL", { file }, { cause: error });
  return trimaranError("STREAM_FILE", { file, use, problem: code ?? "the system refuses" }, { cause: error });
}

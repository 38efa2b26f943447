// A file that is written at its end, and cut back to what was committed when a run before this one was killed while it wrote.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { trimaranError } from "../../../base/errors.ts";

export class AppendedFile implements AsyncDisposable {
  readonly #path: string;
  readonly #handle: FileHandle;
  #size: number;

  private constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.#size = size;
  }

  /** `committed`: how many of its bytes stand; below 0 all that are there. @throws STREAM_OUTPUT_SHORT, STREAM_FILE */
  static async open(path: string, committed: number): Promise<AppendedFile> {
    let handle: FileHandle | undefined;
    try {
      await mkdir(dirname(path), { recursive: true });
      // Neither emptied nor in append mode, in which nothing could be written at a place.
      handle = await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return open(path, "wx+");
      });
      const { size } = await handle.stat();
      if (size < committed) {
        throw trimaranError("STREAM_OUTPUT_SHORT", { file: path, size, position: committed });
      }
      if (committed >= 0 && size > committed) await handle.truncate(committed);
      return new AppendedFile(path, handle, committed < 0 ? size : committed);
    } catch (error) {
      await handle?.close();
      throw fileError(path, "written", error);
    }
  }

  /** Bytes that were written. */
  get size(): number {
    return this.#size;
  }

  /** On the disk when it resolves. @throws STREAM_FILE */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    if (parts.length === 0) return;
    try {
      const bytes = Buffer.concat(parts);
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size + done);
        done += bytesWritten;
      }
      await this.#handle.datasync();
      this.#size += bytes.length;
    } catch (error) {
      throw fileError(this.#path, "written", error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

function fileError(file: string, use: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") return trimaranError("STREAM_DISK_FULL", { file }, { cause: error });
  return trimaranError("STREAM_FILE", { file, use, problem: code ?? "the system refuses" }, { cause: error });
}

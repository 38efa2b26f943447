// One file of one process: opened for appending, so that no two writers meet, and cut back to its last whole line when a write failed.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";

export class LogFile {
  readonly path: string;
  readonly openedAt: number;
  readonly #handle: FileHandle;
  /** Bytes of whole lines. */
  size = 0;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
    this.openedAt = performance.now();
  }

  /** @returns false when the file is gone from its folder: what is written to it reaches nobody */
  async isThere(): Promise<boolean> {
    return (await this.#handle.stat()).nlink > 0;
  }

  /** Whole lines in, whole lines on file; or it throws, and none of them is there. */
  async append(bytes: Buffer): Promise<void> {
    let at = 0;
    try {
      while (at < bytes.length) at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
    } catch (error) {
      // A full disk takes half a line.
      if (at > 0) await this.#handle.truncate(this.size);
      throw error;
    }
    this.size += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** `name` without its number: the first file that nobody has. */
export async function createLogFile(folder: string, name: string, number: number): Promise<LogFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${name}-${number}.ndjson`);
  // Appending, and never to what another process wrote. Rows of people are nobody else's to read.
  return new LogFile(path, await open(path, "ax", 0o600));
}

// A file that others append to, read in the order in which it was written: also over a rotation (another file gets the name; the old
// one is read to its end first), a truncation (it is read from its begin), and a restart (the file that was being read is found by its
// inode, under whatever name it has by then).
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { trimaranError } from "../../../base/errors.ts";
import { type Line, LineSplitter } from "./line-splitter.ts";

export interface TailOptions {
  readonly path: string;
  readonly maxLineBytes: number;
  /** Told of what a person should know: a rotation, a truncation, a file that is gone. */
  readonly note: (text: string) => void;
}

export interface TailedLines {
  readonly lines: readonly Line[];
  readonly inode: string;
}

const chunkBytes = 1 << 20;
/** A writer may go on with the old file for a moment after it was renamed. */
const graceMs = 1000;

export class TailedFile implements AsyncDisposable {
  readonly #options: TailOptions;
  readonly #chunk = new Uint8Array(chunkBytes);
  #handle: FileHandle | null = null;
  #inode = "";
  #splitter: LineSplitter;
  /** When the name was first seen on another file. */
  #rotatedAt: number | null = null;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#splitter = this.#splitterAt(0);
  }

  /** Begins where the group has stopped; without a position at the file's begin. @throws STREAM_FILE when there is no file at all */
  async start(at: { readonly inode: string; readonly bytes: number } | null): Promise<void> {
    const { path, note } = this.#options;
    const found = at === null ? path : await this.#find(at.inode);
    if (found === null) {
      note(`The file that was being read, once ${path}, is gone: going on at the begin of what has the name now.`);
    }
    await this.#open(found ?? path);
    if (at === null || found === null) return;
    const { size } = await this.#handle!.stat();
    if (size < at.bytes) note(`${path} was truncated: reading it from its begin.`);
    this.#splitter = this.#splitterAt(size < at.bytes ? 0 : at.bytes);
  }

  /** Whole lines; none when there is nothing new. @throws STREAM_LINE_TOO_LONG, STREAM_FILE */
  async read(): Promise<TailedLines> {
    if (this.#handle === null) await this.#open(this.#options.path);
    const chunk = this.#chunk;
    const { bytesRead } = await this.#handle!.read(chunk, 0, chunk.length, this.#splitter.next).catch((error) => {
      throw this.#problem("read", error);
    });
    if (bytesRead > 0) return { lines: this.#splitter.push(chunk.subarray(0, bytesRead)), inode: this.#inode };
    return await this.#atEnd();
  }

  /** The last line, where nobody has ended it. */
  last(): TailedLines {
    return { lines: this.#splitter.end(), inode: this.#inode };
  }

  /** Bytes that wait behind what was read. */
  async waiting(): Promise<number> {
    const size = (await this.#handle?.stat().catch(() => null))?.size ?? 0;
    return Math.max(0, size - this.#splitter.next);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #atEnd(): Promise<TailedLines> {
    const { path, note } = this.#options;
    const none = { lines: [], inode: this.#inode };
    const own = await this.#handle!.stat();
    if (own.size < this.#splitter.next) {
      note(`${path} was truncated: reading it from its begin.`);
      this.#splitter = this.#splitterAt(0);
      return none;
    }
    const named = await stat(path, { bigint: true }).catch(() => null);
    if (named === null || inodeOf(named) === this.#inode) {
      this.#rotatedAt = null;
      return none;
    }
    this.#rotatedAt ??= performance.now();
    if (performance.now() - this.#rotatedAt < graceMs) return none;
    // Nobody ends the last line of a file that has lost its name.
    const last = this.last();
    if (last.lines.length > 0) return last;
    const next = await this.#nextAfter();
    await this.#handle!.close();
    this.#handle = null;
    await this.#open(next);
    this.#splitter = this.#splitterAt(0);
    this.#rotatedAt = null;
    note(`${path} was rotated: going on with the next file.`);
    return none;
  }

  async #open(path: string): Promise<void> {
    try {
      const handle = await open(path, "r");
      this.#handle = handle;
      this.#inode = inodeOf(await handle.stat({ bigint: true }));
    } catch (error) {
      throw this.#problem("read", error);
    }
  }

  /** The file of that inode: of the name, or beside it under another one (`events.ndjson.1`). */
  async #find(inode: string): Promise<string | null> {
    return (await this.#siblings()).find((each) => each.inode === inode)?.path ?? null;
  }

  /** While nobody read, it may have been rotated more than once. */
  async #nextAfter(): Promise<string> {
    const siblings = await this.#siblings();
    const at = siblings.findIndex(({ inode }) => inode === this.#inode);
    return siblings[at + 1]?.path ?? this.#options.path;
  }

  /** The file of the name last, before it those beside it whose names begin with it, the oldest first. */
  async #siblings(): Promise<readonly { readonly path: string; readonly inode: string }[]> {
    const { path } = this.#options;
    const folder = dirname(path);
    const name = basename(path);
    const names = await readdir(folder).catch(() => []);
    const found: { path: string; inode: string; changed: bigint }[] = [];
    for (const each of names) {
      if (!each.startsWith(name) || /\.(?:gz|bz2|xz|zst)$/.test(each)) continue;
      const info = await stat(join(folder, each), { bigint: true }).catch(() => null);
      if (info?.isFile()) found.push({ path: join(folder, each), inode: inodeOf(info), changed: info.mtimeNs });
    }
    const isNamed = (each: { readonly path: string }): number => (basename(each.path) === name ? 1 : 0);
    return found.sort((a, b) => isNamed(a) - isNamed(b) || (a.changed < b.changed ? -1 : 1));
  }

  #splitterAt(position: number): LineSplitter {
    const { path, maxLineBytes } = this.#options;
    return new LineSplitter(path, { position, maxBytes: maxLineBytes });
  }

  #problem(use: string, error: unknown): Error {
    const problem = (error as NodeJS.ErrnoException).code ?? "it cannot be used";
    return trimaranError("STREAM_FILE", { file: this.#options.path, use, problem }, { cause: error });
  }
}

function inodeOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}

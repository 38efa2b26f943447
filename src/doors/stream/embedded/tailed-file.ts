// A file that others append to, read in the order in which it was written: also over a rotation (another file gets the name; the old
// one is read to its end first), a truncation (it is read from its begin), and a restart (the file that was being read is found by its
// inode, under whatever name it has by then, and told by what stands before the position).
import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { trimaranError } from "../../../base/errors.ts";
import { inodeOf } from "./appended-file.ts";
import { type Line, LineSplitter } from "./line-splitter.ts";

export interface TailOptions {
  readonly path: string;
  readonly maxLineBytes: number;
  /** Told of what a person should know: a rotation, a truncation, a file that is gone. */
  readonly note: (text: string) => void;
}

/** Behind which line of which file. */
export interface TailPosition {
  readonly inode: string;
  readonly bytes: number;
  /** Lines that are done, over all files that had the name. */
  readonly lines: number;
  /** What stands before `bytes`, as a digest: an inode may be another file's by now. */
  readonly mark: string;
}

export interface TailedLines {
  readonly lines: readonly Line[];
  /** Of the file that they are from. */
  readonly inode: string;
}

const chunkBytes = 1 << 20;
/** A writer may go on with the old file for a moment after it was renamed. */
const graceMs = 1000;

export class TailedFile implements AsyncDisposable {
  readonly #options: TailOptions;
  /** In turns, so that lines of one are still there while the other is filled. */
  #chunks: readonly [Buffer, Buffer] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  #handle: FileHandle | null = null;
  #inode = "";
  #splitter: LineSplitter;
  /** When the name was first seen on another file. */
  #rotatedAt: number | null = null;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#splitter = this.#splitterAt(0, 0);
  }

  /** Begins where the group has stopped; without a position at the file's begin. @throws STREAM_FILE when there is no file at all */
  async start(at: TailPosition | null): Promise<void> {
    const { path, note } = this.#options;
    const found = at === null ? null : ((await this.#siblings()).find(({ inode }) => inode === at.inode)?.path ?? null);
    await this.#open(found ?? path);
    if (at === null) return;
    // A copy of the file, put in its place, is as good.
    const isSame = await this.#standsBefore(at);
    if (!isSame) {
      const what = found === null ? "The file that was being read is gone" : `${path} was written anew`;
      note(`${what}: reading what is called ${basename(path)} now from its begin.`);
      if (found !== null && found !== path) {
        await this.#handle?.close();
        await this.#open(path);
      }
    }
    this.#splitter = this.#splitterAt(isSame ? at.bytes : 0, at.lines);
  }

  /** Whole lines; none when there is nothing new. They stay as they are over one more call, not over two. @throws STREAM_FILE */
  async read(): Promise<TailedLines> {
    if (this.#handle === null) await this.#open(this.#options.path);
    const [chunk, other] = this.#chunks;
    const { bytesRead } = await this.#handle!.read(chunk, 0, chunk.length, this.#splitter.next).catch((error) => {
      throw this.#problem(error);
    });
    if (bytesRead === 0) return this.#atEnd();
    this.#chunks = [other, chunk];
    return { lines: this.#splitter.push(chunk.subarray(0, bytesRead)), inode: this.#inode };
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

  /** Whether another file has the name, so that there is more to read. */
  get isRotating(): boolean {
    return this.#rotatedAt !== null;
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
      this.#splitter = this.#splitterAt(0, this.#splitter.number);
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
    this.#splitter = this.#splitterAt(0, this.#splitter.number);
    this.#rotatedAt = null;
    note(`${path} was rotated: going on with the next file.`);
    return none;
  }

  async #open(path: string): Promise<void> {
    try {
      const handle = await open(path, "r");
      this.#handle = handle;
      const info = await handle.stat({ bigint: true });
      if (!info.isFile()) throw Object.assign(new Error("it is no file"), { code: "it is no file" });
      this.#inode = inodeOf(info);
    } catch (error) {
      throw this.#problem(error);
    }
  }

  async #standsBefore({ bytes, mark }: TailPosition): Promise<boolean> {
    const { size } = await this.#handle!.stat();
    if (size < bytes) return false;
    const [length = 0, ending = 0] = mark.split(":").map(Number);
    const region = Buffer.alloc(length);
    const { bytesRead } = await this.#handle!.read(region, 0, length, bytes - ending - length);
    return bytesRead === length && markText(region, ending) === mark;
  }

  /** While nobody read, it may have been rotated more than once. */
  async #nextAfter(): Promise<string> {
    const siblings = await this.#siblings();
    const at = siblings.findIndex(({ inode }) => inode === this.#inode);
    return (at < 0 ? undefined : siblings[at + 1]?.path) ?? this.#options.path;
  }

  /** The file of the name last, before it those that had it (`events.ndjson.1`, `events.ndjson-20260131`), the oldest first. */
  async #siblings(): Promise<readonly { readonly path: string; readonly inode: string }[]> {
    const { path } = this.#options;
    const folder = dirname(path);
    const name = basename(path);
    const names = await readdir(folder).catch(() => []);
    const found: { path: string; inode: string; changed: bigint }[] = [];
    for (const each of names) {
      if (!each.startsWith(name) || !/^(?:[.\-_]\d[\d.\-_T:]*Z?)?$/.test(each.slice(name.length))) continue;
      const info = await stat(join(folder, each), { bigint: true }).catch(() => null);
      if (info?.isFile()) found.push({ path: join(folder, each), inode: inodeOf(info), changed: info.mtimeNs });
    }
    const isNamed = (each: { readonly path: string }): number => (each.path === path ? 1 : 0);
    return found.sort((a, b) => isNamed(a) - isNamed(b) || (a.changed < b.changed ? -1 : 1));
  }

  #splitterAt(position: number, number: number): LineSplitter {
    return new LineSplitter({ position, number, maxBytes: this.#options.maxLineBytes });
  }

  #problem(error: unknown): Error {
    const problem = (error as NodeJS.ErrnoException).code ?? "it cannot be used";
    return trimaranError("STREAM_FILE", { file: this.#options.path, use: "read", problem }, { cause: error });
  }
}

const markBytes = 64;

/** Behind a line. */
export function positionBehind({ bytes, end, ending, number, cutFrom }: Line, inode: string): TailPosition {
  // Of a line that was cut the last bytes are not here.
  const known = cutFrom === 0 ? bytes.subarray(Math.max(0, bytes.length - markBytes)) : new Uint8Array(0);
  return { inode, bytes: end, lines: number + 1, mark: markText(known, ending) };
}

/** `<bytes that are digested>:<bytes between them and the position>:<digest>` */
function markText(bytes: Uint8Array, ending: number): string {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return `${bytes.length}:${ending}:${digest}`;
}

// A bounded buffer of lines before the files of one deployment. Giving it a line never waits and never fails; what does not fit, or
// cannot be written, is dropped and counted. A process that is killed loses what its buffer holds, and nothing else.
import { join } from "node:path";
import type { LogCounts } from "./log-counts.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import type { LogPlace } from "./log-place.ts";
import { keepNewest } from "./log-retention.ts";

interface Block {
  text: string;
  lines: number;
  /** UTF-16 units: what memory holds at least. */
  size: number;
}

/** A block is written at once; a larger one would hold up whoever shares the thread while it is encoded. */
const blockSize = 2 ** 18;
const firstRetryMs = 1000;
const lastRetryMs = 30_000;

export class AppendLog {
  readonly #place: LogPlace;
  readonly #deployment: string;
  readonly #counts: LogCounts;
  readonly #blocks: Block[] = [];
  #size = 0;
  #file: LogFile | null = null;
  #date = "";
  #files = 0;
  #timer: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();
  #failures = 0;
  #retryMs = 0;
  #retryAt = 0;
  #droppedBefore = 0;

  /** `deployment` names the folder, as far as a folder may be called so. */
  constructor(deployment: string, place: LogPlace, counts: LogCounts) {
    this.#deployment = deployment
      .replace(/[^A-Za-z0-9._-]/g, "_")
      .replace(/^\./, "_")
      .slice(0, 128);
    this.#place = place;
    this.#counts = counts;
  }

  /** Whether another line would be taken. */
  get hasRoom(): boolean {
    return this.#size < this.#place.bufferBytes;
  }

  get isFailing(): boolean {
    return this.#retryAt > performance.now();
  }

  /** A line with its line feed. @returns whether it was taken */
  append(line: string): boolean {
    if (this.isFailing) {
      this.#counts.dropped.write_failed++;
      return false;
    }
    if (!this.hasRoom) {
      this.#counts.dropped.buffer_full++;
      void this.flush();
      return false;
    }
    const last = this.#blocks.at(-1);
    if (last === undefined || last.size + line.length > blockSize) {
      this.#blocks.push({ text: line, lines: 1, size: line.length });
      if (last !== undefined) void this.flush();
    } else {
      last.text += line;
      last.lines++;
      last.size += line.length;
    }
    this.#size += line.length;
    this.#timer ??= setTimeout(() => void this.flush(), this.#place.flushMs).unref();
    return true;
  }

  /** @returns false when something could not be written until now; what came before this call is on file otherwise */
  flush(): Promise<boolean> {
    const failures = this.#failures;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#work = this.#work.then(() => this.#drain());
    return this.#work.then(() => this.#failures === failures);
  }

  /** Writes what there is and closes the file. */
  async close(): Promise<void> {
    await this.flush();
    await this.#work;
    await this.#closeFile();
  }

  async #drain(): Promise<void> {
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift()) {
      this.#size -= block.size;
      try {
        const bytes = Buffer.from(block.text);
        const file = await this.#openFile(bytes.length);
        await file.append(bytes);
        this.#counts.written += block.lines;
        this.#counts.bytes += bytes.length;
        if (this.#retryMs > 0) this.#recover();
      } catch (error) {
        await this.#fail(error, block.lines);
      }
    }
  }

  /** The disk is not asked again for every line: what comes in the meantime is dropped. */
  async #fail(error: unknown, lines: number): Promise<void> {
    const { dropped } = this.#counts;
    this.#failures++;
    if (this.#retryMs === 0) {
      this.#droppedBefore = dropped.write_failed;
      this.#place.onProblem({ kind: "failed", root: this.#place.root, error });
    }
    dropped.write_failed += lines;
    for (const block of this.#blocks.splice(0)) dropped.write_failed += block.lines;
    this.#size = 0;
    this.#retryMs = Math.min(lastRetryMs, Math.max(firstRetryMs, this.#retryMs * 2));
    this.#retryAt = performance.now() + this.#retryMs;
    await this.#closeFile().catch(() => {});
  }

  #recover(): void {
    const dropped = this.#counts.dropped.write_failed - this.#droppedBefore;
    this.#retryMs = 0;
    this.#retryAt = 0;
    this.#place.onProblem({ kind: "recovered", root: this.#place.root, dropped });
  }

  async #openFile(bytes: number): Promise<LogFile> {
    const { root, process, fileBytes, fileMs, maxBytes, now } = this.#place;
    const date = new Date(now()).toISOString().slice(0, 10);
    const file = this.#file;
    if (file !== null) {
      const isOver =
        file.size + bytes > fileBytes || date !== this.#date || performance.now() - file.openedAt >= fileMs;
      if (!isOver && (await file.isThere())) return file;
      await this.#closeFile();
    }
    const folder = join(root, this.#deployment, date);
    const opened = await createLogFile(folder, process, this.#files++);
    this.#file = opened;
    this.#date = date;
    // That too much is kept is no reason to keep nothing.
    await keepNewest(root, Math.max(0, maxBytes - fileBytes), new Set([opened.path])).catch(() => {});
    return opened;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}

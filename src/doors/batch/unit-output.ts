// One output file made of its shards, laid end to end while later ones are still scored, and the rejects likewise; hashed as they
// are written.
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { allDone } from "../../base/all-done.ts";
import { trimaranError } from "../../base/errors.ts";
import { copyRange } from "../../tables/copy-range.ts";
import { ParquetJoin, readParquetFooter } from "../../tables/parquet-footer.ts";
import { openSqlEngine, sqlText } from "../../tables/sql-engine.ts";
import { describe, unreadable } from "../../tables/sql-source.ts";
import type { ManifestOutput, OutputPlace } from "./ports.ts";
import type { ShardJob } from "./shard.ts";
import { writeProblem } from "./write-problem.ts";

/** Written bytes are on their way to the disk when so many more have come: the end waits for few. */
const syncedBytes = 32 * 2 ** 20;

/** Takes shards in any order, and writes each as soon as those before it are there. */
export class UnitOutput implements AsyncDisposable {
  readonly #place: OutputPlace;
  readonly #job: ShardJob;
  readonly #file: HashedFile;
  readonly #parquet: ParquetJoin | null;
  /** Shards by index that wait for one before them. */
  readonly #waiting = new Map<number, string>();
  #next = 0;
  /** What is being written; it fails with the first failure and for good. */
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(place: OutputPlace, job: ShardJob) {
    this.#place = place;
    this.#job = job;
    this.#file = new HashedFile(join(place.folder, `output.${job.format}.part`));
    this.#parquet = job.format === "parquet" ? new ParquetJoin((bytes) => this.#file.write(bytes)) : null;
  }

  /** The shard is kept under `name`. It is not waited for, but what failed before is thrown. */
  async add(index: number, name: string): Promise<void> {
    if (this.#failed) await this.#writing;
    this.#waiting.set(index, name);
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      const shard = next;
      this.#waiting.delete(this.#next++);
      this.#writing = this.#writing.then(() => this.#append(shard));
    }
    this.#writing.catch(() => {
      this.#failed = true;
    });
  }

  /** @returns where it can be read as a whole; whether it is on the disk says `finish`. @throws BATCH_SPACE, TABLE_READ */
  async joined(): Promise<string> {
    await this.#writing;
    await this.#parquet?.end();
    return this.#file.path;
  }

  /** Of what is joined: it is on the disk, and read back. @throws BATCH_SPACE, BATCH_ROWS, TABLE_READ */
  async finish(rows: number): Promise<ManifestOutput> {
    const [{ bytes, digest }, columns] = await allDone([this.#file.end(), this.#columns(rows)]);
    return { file: basename(this.#place.uri), rows, bytes, digest, columns };
  }

  async #columns(rows: number): Promise<ManifestOutput["columns"]> {
    const { format, write } = this.#job;
    return format === "parquet"
      ? await parquetColumns(this.#file.path, rows)
      : write.map(({ name }) => ({ name, type: "text" }));
  }

  async #append(name: string): Promise<void> {
    const path = await this.#place.fetchKept(name);
    if (this.#parquet === null) await copyRange(path, { start: 0 }, (bytes) => this.#file.write(bytes));
    else await this.#parquet.add(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file[Symbol.asyncDispose]();
  }
}

/** Read back by two readers: ours and DuckDB's. */
async function parquetColumns(path: string, rows: number): Promise<ManifestOutput["columns"]> {
  await using engine = await openSqlEngine([path], { threads: 1 });
  const columns = await describe(engine, `read_parquet(${sqlText(path)})`, (cause) => unreadable([path], cause));
  const counted = await engine.connection.runAndReadAll(
    `SELECT sum(num_rows) FROM parquet_file_metadata(${sqlText(path)})`,
  );
  const counts = [(await readParquetFooter(path)).rows, Number(counted.getRowsJS()[0]?.[0] ?? -1)];
  const wrong = counts.find((found) => found !== rows);
  if (wrong !== undefined) throw trimaranError("BATCH_ROWS", { name: path, expected: rows, found: wrong });
  return [...columns].map(([name, type]) => ({ name, type }));
}

/** Rejects of the shards behind lines that were no rows. null: there are none. */
export async function joinRejects(
  place: OutputPlace,
  { lines, paths }: { readonly lines: readonly string[]; readonly paths: readonly string[] },
): Promise<string | null> {
  if (lines.length === 0 && paths.length === 0) return null;
  await using file = new HashedFile(join(place.folder, "rejects.ndjson.part"));
  for (const line of lines) await file.write(Buffer.from(line));
  for (const each of paths) await copyRange(each, { start: 0 }, (bytes) => file.write(bytes));
  await file.end();
  return file.path;
}

/** Failures to write are BATCH_SPACE or FILE_NOT_WRITABLE. */
class HashedFile implements AsyncDisposable {
  readonly path: string;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #syncedAt = 0;
  /** What is on its way to the disk while more is written. */
  #syncing: Promise<void> | null = null;
  #handle: FileHandle | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    const file = await this.#opened();
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await this.#told(file.write(chunk, at, chunk.length - at));
      at += bytesWritten;
    }
    this.#bytes += chunk.length;
    if (this.#bytes - this.#syncedAt < syncedBytes) return;
    this.#syncedAt = this.#bytes;
    await this.#syncing;
    this.#syncing = this.#told(file.datasync());
    // It fails the next step.
    this.#syncing.catch(() => {});
  }

  /** All of it is on the disk. */
  async end(): Promise<{ readonly bytes: number; readonly digest: string }> {
    await this.#syncing;
    await this.#told((await this.#opened()).sync());
    await this[Symbol.asyncDispose]();
    return { bytes: this.#bytes, digest: `sha256:${this.#hash.digest("hex")}` };
  }

  async #opened(): Promise<FileHandle> {
    this.#handle ??= await this.#told(open(this.path, "w"));
    return this.#handle;
  }

  #told<Result>(step: Promise<Result>): Promise<Result> {
    return step.catch((cause: unknown) => Promise.reject(writeProblem(this.path, cause)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await this.#syncing?.catch(() => {});
    this.#syncing = null;
    await handle?.close();
  }
}

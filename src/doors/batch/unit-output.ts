// One output file made of its shards, laid end to end, and the rejects likewise; hashed as they are written.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { copyRange } from "../../tables/copy-range.ts";
import { joinParquet, readParquetFooter } from "../../tables/parquet-footer.ts";
import { openSqlEngine, sqlText } from "../../tables/sql-engine.ts";
import { describe, unreadable } from "../../tables/sql-source.ts";
import type { ManifestOutput, OutputPlace } from "./ports.ts";
import type { ShardJob } from "./shard.ts";
import { writeProblem } from "./write-problem.ts";

export interface MadeFile {
  readonly path: string;
  readonly output: ManifestOutput;
}

/** Paths of the shards in order. @throws BATCH_SPACE, BATCH_ROWS, TABLE_READ */
export async function joinShards(
  place: OutputPlace,
  job: ShardJob,
  { paths, rows }: { readonly paths: readonly string[]; readonly rows: number },
): Promise<MadeFile> {
  const file = basename(place.uri);
  const path = join(place.folder, `output.${job.format}.part`);
  const { bytes, digest } = await written(path, async (write) => {
    if (job.format === "parquet") await joinParquet(paths, write);
    else for (const each of paths) await copyRange(each, { start: 0 }, write);
  });
  const columns =
    job.format === "parquet" ? await parquetColumns(path, rows) : job.write.map(({ name }) => ({ name, type: "text" }));
  return { path, output: { file, rows, bytes, digest, columns } };
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
  const path = join(place.folder, "rejects.ndjson.part");
  await written(path, async (write) => {
    for (const line of lines) await write(Buffer.from(line));
    for (const each of paths) await copyRange(each, { start: 0 }, write);
  });
  return path;
}

/** @throws BATCH_SPACE, FILE_NOT_WRITABLE */
async function written(
  path: string,
  work: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<{ readonly bytes: number; readonly digest: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  const wrapped = <Result>(step: Promise<Result>): Promise<Result> =>
    step.catch((cause: unknown) => Promise.reject(writeProblem(path, cause)));
  const file = await wrapped(open(path, "w"));
  try {
    await work(async (chunk) => {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await wrapped(file.write(chunk, at, chunk.length - at));
        at += bytesWritten;
      }
      bytes += chunk.length;
    });
    await wrapped(file.sync());
  } finally {
    await file.close();
  }
  return { bytes, digest: `sha256:${hash.digest("hex")}` };
}

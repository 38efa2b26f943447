// Footers of Parquet files, and files laid end to end: read again by DuckDB, and damaged everywhere.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { isTrimaranError } from "../../src/base/errors.ts";
import { ParquetJoin, readParquetFooter } from "../../src/tables/parquet-footer.ts";
import { readThriftStruct, writeThriftStruct } from "../../src/tables/thrift-compact.ts";

interface Place extends AsyncDisposable {
  at(name: string): string;
  copy(sql: string, name: string, options?: string): Promise<string>;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

async function place(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-parquet-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const at = (name: string): string => join(path, name);
  return {
    at,
    async copy(sql, name, options = "FORMAT parquet") {
      await connection.run(`COPY (${sql}) TO '${at(name)}' (${options})`);
      return at(name);
    },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJS(),
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await rm(path, { recursive: true, force: true });
    },
  };
}

const rowsSql = (from: number, to: number): string =>
  `SELECT i, 'ride ' || i % 50 AS name, i / 7.0::DOUBLE AS amount, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS maybe, [i, i + 1] AS list
   FROM range(${from}, ${to}) t(i)`;

async function joined(files: readonly string[], to: string): Promise<number> {
  const chunks: Uint8Array[] = [];
  const join = new ParquetJoin(async (chunk) => {
    chunks.push(Uint8Array.from(chunk));
  });
  for (const file of files) await join.add(file);
  const { rows, bytes } = await join.end();
  const whole = Buffer.concat(chunks);
  assert.equal(whole.length, bytes);
  await writeFile(to, whole);
  return rows;
}

describe("Parquet files laid end to end", () => {
  test("are one file with the rows of all, in order, of every packing, with bloom filters and empty ones between", async () => {
    await using folder = await place();
    for (const packing of ["snappy", "zstd", "gzip", "uncompressed"]) {
      const files = [];
      for (const [index, [from, to]] of [
        [0, 9000],
        [9000, 9000],
        [9000, 9001],
        [9001, 30_000],
      ].entries()) {
        const options = `FORMAT parquet, COMPRESSION ${packing}, ROW_GROUP_SIZE 4096`;
        files.push(await folder.copy(rowsSql(from!, to!), `${index}.parquet`, options));
      }
      const whole = folder.at("whole.parquet");
      assert.equal(await joined(files, whole), 30_000);
      const footer = await readParquetFooter(whole);
      assert.equal(footer.rows, 30_000);
      assert.equal(
        footer.groups.reduce((sum, rows) => sum + rows, 0),
        30_000,
      );
      const [differ] = await folder.rows(
        `SELECT count(*) FROM (SELECT *, file_row_number AS n FROM read_parquet('${whole}', file_row_number = true)) a
         FULL JOIN (SELECT *, i AS n FROM (${rowsSql(0, 30_000)})) b ON a = b WHERE a IS NULL OR b IS NULL`,
      );
      assert.deepEqual(differ, [0n]);
      // Filters are looked up by their new addresses.
      assert.deepEqual(await folder.rows(`SELECT count(*) FROM '${whole}' WHERE name = 'ride 17'`), [[600n]]);
    }
  });

  test("have the columns of the first, or are refused", async () => {
    await using folder = await place();
    const files = [await folder.copy("SELECT 1 AS a", "a.parquet"), await folder.copy("SELECT 1 AS b", "b.parquet")];
    await assert.rejects(joined(files, folder.at("c.parquet")), /columns are not those/);
  });
});

describe("the footer of a Parquet file", () => {
  test("is refused by its own error wherever it is cut off or a bit of it is flipped, or it is read as something sound", async () => {
    await using folder = await place();
    const path = await folder.copy(rowsSql(0, 300), "a.parquet");
    const bytes = await readFile(path);
    const damaged = folder.at("damaged.parquet");
    const length = bytes.readUInt32LE(bytes.length - 8);
    const start = bytes.length - 8 - length;
    const isRefused = async (): Promise<boolean> => {
      try {
        const { rows, groups } = await readParquetFooter(damaged, "damaged");
        assert.ok(Number.isFinite(rows) && groups.every(Number.isFinite));
        return false;
      } catch (error) {
        assert.ok(isTrimaranError(error) && error.code === "TABLE_READ", String(error));
        return true;
      }
    };
    for (let end = 0; end < bytes.length; end += end < start ? 97 : 1) {
      await writeFile(damaged, bytes.subarray(0, end));
      assert.ok(await isRefused(), `cut at ${end}`);
    }
    for (let at = start; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = bytes[at]! ^ (1 << (at % 8));
      await writeFile(damaged, flipped);
      await isRefused();
    }
  });

  test("is written back as it was read", async () => {
    await using folder = await place();
    const bytes = await readFile(
      await folder.copy(rowsSql(0, 5000), "a.parquet", "FORMAT parquet, ROW_GROUP_SIZE 2048"),
    );
    const length = bytes.readUInt32LE(bytes.length - 8);
    const footer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
    assert.deepEqual(Buffer.from(writeThriftStruct(readThriftStruct(footer))), Buffer.from(footer));
  });
});

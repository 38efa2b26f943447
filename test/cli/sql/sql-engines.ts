// Models as queries in both engines: a table of rows, the query over it, and what each engine answers.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresServer } from "../../../scripts/postgres-server.ts";
import { composeSql, type SqlTarget } from "../../../src/cli/sql/compose-sql.ts";
import { type SampleTable, sampleTable } from "../../../src/cli/sql/sample-rows.ts";
import { assertParity, type ParityResult } from "../../../src/cli/sql/sql-parity.ts";
import { writeGraphFile } from "../../../src/formats/graph/graph-file.ts";
import { type SqlDialect, sqlDouble, sqlName, sqlText } from "../../../src/formats/sql/sql-text.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import type { ForestOp } from "../../../src/model/ops/forest.ts";
import { openService } from "../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { openSqlEngine } from "../../../src/tables/sql-engine.ts";

const none = { derive: [], where: null };

export interface OpenedGraph extends AsyncDisposable {
  readonly service: PredictionService;
  readonly graph: ModelGraph;
}

/** A graph behind a service, by way of a file. */
export async function openGraph(graph: ModelGraph): Promise<OpenedGraph> {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-sql-"));
  const file = join(folder, "model.trimaran");
  writeFileSync(file, writeGraphFile({ model: { kind: "graph", graph }, versions: {} }));
  const service = await openService(file);
  return {
    service,
    graph,
    async [Symbol.asyncDispose]() {
      await service.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The model of a file with the first trees of its forest. */
export async function firstTrees(file: string, trees: number): Promise<ModelGraph> {
  const { graph } = await loadModel([file]);
  return { ...graph, ops: graph.ops.map((op) => (op.kind === "forest" ? cut(op, trees) : op)) };
}

function cut(op: ForestOp, trees: number): ForestOp {
  const nodes = op.roots[trees] ?? op.feature.length;
  const { categories } = op;
  return {
    ...op,
    roots: op.roots.slice(0, trees + 1),
    feature: op.feature.slice(0, nodes),
    threshold: op.threshold.slice(0, nodes),
    left: op.left.slice(0, nodes),
    right: op.right.slice(0, nodes),
    missingLeft: op.missingLeft?.slice(0, nodes) ?? null,
    zeroMissing: op.zeroMissing?.slice(0, nodes) ?? null,
    categories:
      categories === undefined || categories === null
        ? null
        : { ...categories, left: categories.left.slice(0, nodes), right: categories.right.slice(0, nodes) },
    targets: op.targets?.slice(0, trees) ?? null,
    cover: null,
  };
}

/** The texts of both dialects in DuckDB beside the model. */
export async function parityOf(
  { service, graph }: Pick<OpenedGraph, "service" | "graph">,
  methods: readonly string[],
): Promise<ParityResult> {
  const target = targetOf({ service, graph }, methods);
  const signal = new AbortController().signal;
  const [first] = await Promise.all(
    (["duckdb", "postgres"] as const).map((dialect) =>
      assertParity({ target, service, dialect, file: null, own: none, derived: none, signal }),
    ),
  );
  return first as ParityResult;
}

export function targetOf(
  { service, graph }: Pick<OpenedGraph, "service" | "graph">,
  methods: readonly string[],
): SqlTarget {
  return { graph, deployment: service.deployment, methods, version: "1" };
}

export const place = "the row";

/** The query of the target over made rows, as PostgreSQL and DuckDB answer it: equal, or within 1e-12. Gives how many rows. */
export async function assertSameInPostgres(
  server: PostgresServer,
  database: string,
  target: SqlTarget,
): Promise<number> {
  const sample = sampleTable(target.graph, target.deployment);
  const table = `"it's a ""table"""`;
  const compose = (dialect: SqlDialect): string =>
    composeSql(target, { dialect, table, keep: [place], derived: none }).text;
  await server.execute(database, `DROP TABLE IF EXISTS ${table}`);
  for (const line of tableLines(sample, { table, dialect: "postgres" })) await server.execute(database, line);
  const there = (await server.execute(database, compose("postgres"))).map((row) => Object.values(row));
  await using engine = await openSqlEngine([]);
  for (const line of tableLines(sample, { table, dialect: "duckdb" })) await engine.connection.run(line);
  const here = (await engine.connection.runAndReadAll(compose("duckdb"))).getRowsJS();
  const sorted = (rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
    rows.toSorted((left, right) => Number(left[0]) - Number(right[0]));
  const expected = sorted(here);
  const found = sorted(there);
  assert.equal(found.length, sample.rows.length);
  for (const [at, row] of found.entries()) {
    for (const [column, cell] of row.entries())
      assertSameCell(cell, expected[at]?.[column], `row ${at}, column ${column}`);
  }
  return found.length;
}

function assertSameCell(found: unknown, expected: unknown, says: string): void {
  const left = typeof found === "string" && typeof expected === "bigint" ? BigInt(found) : found;
  if (typeof left === "number" && typeof expected === "number") {
    // pg reads a float4 by its shortest text; DuckDB gives its double.
    const isNear = Math.abs(left - expected) <= 1e-12 * Math.abs(expected) + 1e-290;
    assert.ok(isNear || Math.fround(left) === Math.fround(expected), `${says}: ${left} is not ${expected}`);
  } else
    assert.equal(
      typeof left === "string" ? left : Number(left),
      typeof expected === "string" ? expected : Number(expected),
      says,
    );
}

export function tableLines(
  { columns, rows }: SampleTable,
  { table, dialect }: { readonly table: string; readonly dialect: SqlDialect },
): readonly string[] {
  const types = { VARCHAR: "text", DOUBLE: "float8", BOOLEAN: "boolean", DATE: "date" } as const;
  const lines = [
    `CREATE TABLE ${table} (${[...columns.map(({ name, type }) => `${sqlName(name, dialect)} ${types[type]}`), `"${place}" integer`].join(", ")})`,
  ];
  for (let at = 0; at < rows.length; at += 1000) {
    const values = rows.slice(at, at + 1000).map((row, index) => {
      const cells = row.map((cell) => {
        if (cell === null) return "NULL";
        if (typeof cell === "string") return sqlText(cell, dialect);
        return typeof cell === "boolean" ? String(cell) : Number.isNaN(cell) ? "'NaN'" : sqlDouble(cell, dialect);
      });
      return `(${[...cells, at + index].join(", ")})`;
    });
    lines.push(`INSERT INTO ${table} VALUES ${values.join(",\n")}`);
  }
  return lines;
}

// Rows to compare SQL with a model on, made of its vocabulary, its thresholds and the definition's bounds, with empty cells and
// values that are refused among them. The same for every run.
import type { AnyField } from "../../data/field.ts";
import type { FieldSpec } from "../../data/field-spec.ts";
import { sampleValue } from "../../data/schema-sample.ts";
import type { FeatureExpression } from "../../deployment/feature-expression.ts";
import type { ResolvedDeployment } from "../../deployment/resolved-deployment.ts";
import { modelColumns } from "../../formats/sql/write-sql.ts";
import type { ModelGraph } from "../../model/graph.ts";
import { type InputPool, inputPools } from "./input-pools.ts";

export type SampleCell = string | number | boolean | null;

export interface SampleTable {
  readonly columns: readonly { readonly name: string; readonly type: "VARCHAR" | "DOUBLE" | "BOOLEAN" | "DATE" }[];
  readonly rows: readonly (readonly SampleCell[])[];
}

const mostRows = 3000;
const mostCells = 120_000;

export function sampleTable(graph: ModelGraph, deployment: ResolvedDeployment | null): SampleTable {
  const random = generator(20_210_301);
  const pools = inputPools(graph);
  const rowsOf = (columns: number): number => Math.max(50, Math.min(mostRows, Math.floor(mostCells / columns)));
  if (deployment === null) {
    const columns = modelColumns(graph.input);
    const rows = Array.from({ length: rowsOf(columns.length) }, (_, row) =>
      columns.map(({ name, type }): SampleCell => {
        if (row % 17 === 3 && random() < 0.3) return null;
        const pool = pools.get(name);
        if (type === "boolean") return random() < 0.5;
        return type === "text" ? textOf(pool, { random, row }) : numberOf(pool, random);
      }),
    );
    const sqlTypes = { text: "VARCHAR", number: "DOUBLE", boolean: "BOOLEAN" } as const;
    return { columns: columns.map(({ name, type }) => ({ name, type: sqlTypes[type] })), rows };
  }
  const fields = Object.entries(deployment.input);
  const expressions = Object.entries(
    deployment.featureExpressions ??
      Object.fromEntries(fields.map(([name]) => [name, { kind: "field", name } as const])),
  );
  const rows = Array.from({ length: rowsOf(fields.length) }, (_, row) => {
    const told = toldByFeatures(expressions, { pools, random, row });
    return fields.map(([name, field]): SampleCell => fieldCell(field, { random, row, told: told.get(name) }));
  });
  return { columns: fields.map(([name, { spec }]) => ({ name, type: columnType(spec) })), rows };
}

interface Draw {
  readonly random: () => number;
  readonly row: number;
}

function textOf(pool: InputPool | undefined, { random, row }: Draw): string {
  const texts = pool?.texts ?? [];
  if (texts.length === 0 || row % 13 === 5) return ["", "no such category", 'it\'s \\ "one"; --', "é\n"][row % 4] ?? "";
  return texts[Math.floor(random() * texts.length)] ?? "";
}

function numberOf(pool: InputPool | undefined, random: () => number): number {
  const numbers = pool?.numbers ?? [];
  if (numbers.length > 0 && random() < 0.6) {
    const near = numbers[Math.floor(random() * numbers.length)] ?? 0;
    const draw = random();
    if (draw < 0.4) return near;
    return near + (random() - 0.5) * (Math.abs(near) + 1) * (draw < 0.7 ? 1e-6 : 1);
  }
  const draw = random();
  if (draw < 0.2) return Math.floor(random() * 20) - 5;
  return (random() - 0.3) * 10 ** (random() * 4 - 1);
}

/** Cells that give a feature a value which the model knows: of a template those that print it. */
function toldByFeatures(
  expressions: readonly (readonly [string, FeatureExpression])[],
  { pools, random, row }: Draw & { readonly pools: ReadonlyMap<string, InputPool> },
): ReadonlyMap<string, string | number> {
  const told = new Map<string, string | number>();
  if (row % 4 === 3) return told;
  for (const [feature, expression] of expressions) {
    const pool = pools.get(feature);
    if (pool === undefined || expression.kind === "constant") continue;
    if (expression.kind === "field") {
      const isText = pool.texts.length > 0;
      told.set(expression.name, isText ? textOf(pool, { random, row }) : numberOf(pool, random));
      continue;
    }
    const { texts, names } = expression;
    const pattern = texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("(.*?)");
    const match = new RegExp(`^${pattern}$`, "s").exec(textOf(pool, { random, row }));
    for (const [at, name] of names.entries()) if (match !== null) told.set(name, match[at + 1] ?? "");
  }
  return told;
}

function fieldCell(
  { spec }: AnyField,
  { random, row, told }: Draw & { readonly told: string | number | undefined },
): SampleCell {
  if (row % 23 === 7 && random() < 0.3) return null;
  const isWild = row % 19 === 11 && random() < 0.3;
  switch (spec.kind) {
    case "integer":
    case "number": {
      if (isWild) return [(spec.min ?? 0) - 1, (spec.max ?? 0) + 1.5, 0.5, Number.NaN][row % 4] ?? 0;
      const near = told === undefined ? Number.NaN : Number(told);
      const low = spec.min ?? Math.min(-50, spec.max ?? 0);
      const high = spec.max ?? low + 100;
      const drawn = Number.isFinite(near) ? near : low + (random() < 0.1 ? 0 : random()) * (high - low);
      return spec.kind === "integer" ? Math.round(drawn) : drawn;
    }
    case "boolean":
      return told === undefined ? random() < 0.5 : told === "true" || told === 1;
    case "category": {
      const drawn = spec.values[Math.floor(random() * spec.values.length)] as SampleCell;
      if (isWild && typeof drawn === "string") return "no such category";
      return typeof told === typeof drawn ? (told as SampleCell) : drawn;
    }
    case "string":
      return told === undefined ? textOf(undefined, { random, row }) : String(told);
    default:
      return String(sampleValue(spec));
  }
}

function columnType(spec: FieldSpec): SampleTable["columns"][number]["type"] {
  switch (spec.kind) {
    case "number":
    case "integer":
      return "DOUBLE";
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    case "category":
      return typeof spec.values[0] === "number"
        ? "DOUBLE"
        : typeof spec.values[0] === "boolean"
          ? "BOOLEAN"
          : "VARCHAR";
    default:
      return "VARCHAR";
  }
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

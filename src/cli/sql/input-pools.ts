// Values that make a model do something: the categories that it knows and the thresholds of its trees, by the input that they are of.
import type { ModelGraph } from "../../model/graph.ts";
import type { Op } from "../../model/op.ts";
import type { ValueId } from "../../model/value.ts";

export interface InputPool {
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

interface Pool {
  readonly texts: Set<string>;
  readonly numbers: Set<number>;
}

/** A column comes from this input, or from none alone. */
type Origin = string | null;

const maxOfEach = 20_000;

export function inputPools(graph: ModelGraph): ReadonlyMap<string, InputPool> {
  const pools = new Map<string, Pool>();
  const poolOf = (name: string): Pool => {
    const known = pools.get(name) ?? { texts: new Set<string>(), numbers: new Set<number>() };
    pools.set(name, known);
    return known;
  };
  const names = graph.input.kind === "records" ? [] : graph.input.columns.map(({ name }) => name);
  if (graph.input.kind === "records") {
    for (const { name, categories } of graph.input.features) {
      for (const category of categories.slice(0, maxOfEach)) poolOf(name).texts.add(category);
    }
  }
  const origins = new Map<ValueId, readonly Origin[]>([[0, names]]);
  for (const [at, op] of graph.ops.entries()) {
    const inputs = op.inputs.map((input) => origins.get(input) ?? []);
    collect(op, inputs[0] ?? [], poolOf);
    origins.set(at + 1, originsOf(op, inputs, graph));
  }
  return new Map([...pools].map(([name, { texts, numbers }]) => [name, { texts: [...texts], numbers: [...numbers] }]));
}

function collect(op: Op, origins: readonly Origin[], poolOf: (name: string) => Pool): void {
  if (op.kind === "category_numbers") {
    for (const [at, { categories }] of op.tables.entries()) {
      const origin = origins[at] ?? null;
      if (origin === null) continue;
      for (const { value } of categories.slice(0, maxOfEach)) {
        if (typeof value === "string") poolOf(origin).texts.add(value);
        else poolOf(origin).numbers.add(Number(value));
      }
    }
  }
  if (op.kind !== "forest") return;
  for (const [node, feature] of op.feature.entries()) {
    const origin = feature < 0 ? null : (origins[feature] ?? null);
    const threshold = op.threshold[node] ?? Number.NaN;
    if (origin !== null && Number.isFinite(threshold)) poolOf(origin).numbers.add(threshold);
  }
}

function originsOf(op: Op, inputs: readonly (readonly Origin[])[], graph: ModelGraph): readonly Origin[] {
  switch (op.kind) {
    case "vectorize": {
      const known = graph.input.kind === "records" ? graph.input.features : [];
      const numeric = new Set(known.flatMap(({ name, numeric: isNumber }) => (isNumber ? [name] : [])));
      return op.names.map((name) => (numeric.has(name) ? name : null));
    }
    case "select":
      return [...op.columns].map((column) => inputs[0]?.[column] ?? null);
    case "concat":
    case "join_columns":
      return inputs.flat();
    case "fill_missing":
    case "table_numbers":
    case "cast":
    case "require_finite":
    case "densify":
    case "sparsify":
    case "columnwise":
      return inputs[0] ?? [];
    default:
      return [];
  }
}

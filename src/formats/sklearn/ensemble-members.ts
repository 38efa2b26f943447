// The fitted objects inside of bagging, AdaBoost and isolation forests, and the columns that each of them sees.
import type { ModelInput } from "../../data/model-input.ts";
import type { ValueId } from "../../model/value.ts";
import { isArray, readArray } from "../numpy/ndarray.ts";
import { toInt32 } from "../numpy/to-numbers.ts";
import { summedEntries } from "./dense-matrix.ts";
import type { BuildContext, EstimatorRecord, Opener } from "./estimator.ts";
import { decisionTrees } from "./estimators/decision-trees.ts";
import { attribute, attributeError, has, type Instance, itemsOf, pathOf, wrote } from "./instance.ts";
import { memberItems } from "./member-trees.ts";
import { featureCount, numericInput } from "./numeric-input.ts";
import { type FittedTree, readTree } from "./tree.ts";
import { shortName, treeInput, treeTakesNaN } from "./tree-rules.ts";

export interface Member {
  readonly instance: Instance;
  readonly record: EstimatorRecord;
  /** The columns that it sees; null: all, in order. */
  readonly features: Int32Array | null;
}

/** `estimators_`, each with its row of `estimators_features_` where the ensemble has that. */
export function members(self: Instance, opener: Opener): readonly Member[] {
  const features = featureLists(self);
  const items = memberItems(self);
  if (features !== null && features.length !== items.length) {
    throw attributeError(self, "estimators_features_", `${items.length} lists were expected, not ${features.length}`);
  }
  return items.map((item, index) => ({
    ...opener.open(item, `${pathOf(self, "estimators_")}[${index}]`, self),
    features: features?.[index] ?? null,
  }));
}

function featureLists(self: Instance): readonly (Int32Array | null)[] | null {
  const name = "estimators_features_";
  if (!has(self, name)) return null;
  const width = featureCount(self);
  return featureItems(self, name).map((columns) => {
    if (columns.some((column) => column < 0 || column >= width)) {
      throw attributeError(self, name, `columns from 0 to ${width - 1} were expected`);
    }
    const all = columns.length === width && columns.every((column, at) => column === at);
    return all ? null : columns;
  });
}

/** A list of arrays, or one array where all are of one length. */
function featureItems(self: Instance, name: string): readonly Int32Array[] {
  const value = attribute(self, name);
  const whole = isArray(value) ? readArray(value, pathOf(self, name)) : null;
  if (whole !== null && whole.objects === null && whole.shape.length === 2) {
    const [rows = 0, width = 0] = whole.shape;
    const columns = toInt32(whole);
    return Array.from({ length: rows }, (_, row) => columns.slice(row * width, (row + 1) * width));
  }
  return itemsOf(self, name).map((item, index) => toInt32(readArray(item, `${pathOf(self, name)}[${index}]`)));
}

export interface MemberForest {
  readonly trees: readonly FittedTree[];
  readonly owners: readonly Instance[];
  readonly features: readonly (Int32Array | null)[];
  readonly path: string;
  readonly width: number;
}

/** The members as one forest, where each of them is a single tree; else null. */
export function memberForest(self: Instance, all: readonly Member[]): MemberForest | null {
  if (!all.every(({ record }) => decisionTrees.includes(record))) return null;
  return {
    trees: all.map(({ instance }) => readTree(attribute(instance, "tree_"), pathOf(instance, "tree_"))),
    owners: all.map(({ instance }) => instance),
    features: all.map(({ features }) => features),
    path: pathOf(self, "estimators_"),
    width: knowsWidth(self) ? featureCount(self) : featureCount(all[0]?.instance ?? self),
  };
}

/** AdaBoost keeps its number of features from 0.24 on; before, its members do. */
export function ensembleInput(self: Instance, opener: Opener, options: { nullable: boolean }): ModelInput {
  if (knowsWidth(self)) return numericInput(self, options);
  const { instance, record } = opener.open(memberItems(self)[0], `${pathOf(self, "estimators_")}[0]`, self);
  return record.input(instance, opener);
}

function knowsWidth(self: Instance): boolean {
  return ["n_features_in_", "n_features_", "_n_features"].some((name) => has(self, name));
}

export interface ForestRows {
  readonly value: ValueId;
  readonly width: number;
  readonly features: readonly (Int32Array | null)[];
}

/** The rows as the trees of a forest see them: float32, checked only in the columns that some tree is given. */
export function forestRows(
  self: Instance,
  forest: MemberForest,
  { input, context, checked, takesNaN }: ForestRowsOptions,
): ForestRows {
  const nan = takesNaN ?? treeTakesNaN(forest.owners[0] ?? self);
  const prepared = (value: ValueId): ValueId =>
    checked === false
      ? context.graph.add({ kind: "cast", inputs: [value], number: "f32", repeated: "sum_then_cast" })
      : treeInput(value, { estimator: shortName(self), takesNaN: nan, context });
  const seen = new Set(forest.features.flatMap((columns) => [...(columns ?? Array(forest.width).keys())]));
  if (seen.size === forest.width) return { value: prepared(input), width: forest.width, features: forest.features };
  const columns = Int32Array.from(seen).sort();
  const places = new Map([...columns].map((column, place) => [column, place]));
  const selected = context.graph.add({ kind: "select", inputs: [input], columns });
  return {
    value: prepared(selected),
    width: columns.length,
    features: forest.features.map((each) => each?.map((column) => places.get(column) ?? 0) ?? null),
  };
}

export interface ForestRowsOptions {
  readonly input: ValueId;
  readonly context: BuildContext;
  /** Whether rows with numbers that float32 does not hold are refused. @default true */
  readonly checked?: boolean;
  /** @default what the first tree takes */
  readonly takesNaN?: boolean;
}

/** The columns of the rows that one member sees. */
export function memberRows({ features, instance }: Member, input: ValueId, { graph }: BuildContext): ValueId {
  // Until 0.21 scipy took columns, all of them too, by a product, which adds up what stands twice in a row.
  const entries = wrote(instance, 0, 22) ? input : summedEntries(graph, input);
  return features === null ? entries : graph.add({ kind: "select", inputs: [entries], columns: features });
}

/** The cells of several values added, in order. */
export function addAll(values: readonly ValueId[], { graph }: BuildContext): ValueId {
  return values.reduce((sum, value) => graph.add({ kind: "combine", inputs: [sum, value], function: "add" }));
}

// A model of LightGBM as ops: float64 rows and sums, tree after tree, then the objective's answer.
// Source: LightGBM/src/boosting/gbdt_prediction.cpp, gbdt_model_text.cpp, python-package/lightgbm/basic.py.
import { trimaranError } from "../../base/errors.ts";
import type { InputColumn, ModelInput } from "../../data/model-input.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import type { ValueId } from "../../model/value.ts";
import { frameCategories } from "./lightgbm-categories.ts";
import { lightgbmAnswer, lightgbmObjective } from "./lightgbm-objective.ts";
import { countOf, type KeyedLines, type LightgbmText, lineOf } from "./lightgbm-text.ts";
import { lightgbmForest } from "./lightgbm-trees.ts";

export interface LightgbmModel {
  /** `v4`: the version of the text, not of the library. */
  readonly version: string;
  readonly width: number;
  readonly outputs: number;
  readonly names: readonly string[] | null;
  readonly trees: readonly KeyedLines[];
  readonly objective: string | undefined;
  /** Sums are divided by the number of rounds. */
  readonly averages: boolean;
  /** The categories of each column of a data frame that was trained on; null for numbers. */
  readonly categories: readonly (readonly Label[] | null)[] | null;
}

export interface LightgbmScores {
  readonly raw: ValueId;
  readonly answer: ValueId;
  readonly outputs: number;
}

const maxFeatures = 1 << 20;
const maxOutputs = 1 << 16;
const versions: readonly string[] = ["v2", "v3", "v4"];

/** @throws MODEL_ATTRIBUTE, MODEL_UNSUPPORTED */
export function lightgbmModel(text: LightgbmText): LightgbmModel {
  const place = { lines: text.header, path: "" };
  const version = lineOf(place, "version");
  if (!versions.includes(version)) {
    throw trimaranError("MODEL_UNSUPPORTED", { path: "version", what: `LightGBM's text ${version}`, nearest: "" });
  }
  const width = countOf(place, "max_feature_idx", maxFeatures) + 1;
  const outputs = countOf(place, "num_tree_per_iteration", maxOutputs);
  if (outputs === 0 || text.trees.length % outputs !== 0 || (outputs > 1 && text.trees.length === 0)) {
    const problem = `${text.trees.length} trees do not divide by it`;
    throw trimaranError("MODEL_ATTRIBUTE", { path: "num_tree_per_iteration", problem });
  }
  return {
    version,
    width,
    outputs,
    names: namesOf(text.header, width),
    trees: text.trees,
    objective: text.header.get("objective"),
    averages: text.header.has("average_output"),
    categories: frameCategories(text, width),
  };
}

/** `Column_0 Column_1 …` are no names. */
function namesOf(header: KeyedLines, width: number): readonly string[] | null {
  const names = header.get("feature_names")?.split(" ") ?? [];
  if (names.length !== width || new Set(names).size !== width) return null;
  return names.every((name, index) => name === `Column_${index}`) ? null : names;
}

export function lightgbmInput({ width, names, categories }: LightgbmModel): ModelInput {
  const columns = Array.from({ length: width }, (_, index): InputColumn => {
    const labels = categories?.[index] ?? null;
    const type = labels === null ? "number" : labels.every((label) => label.type === "string") ? "string" : "any";
    return { name: names?.[index] ?? String(index), type, nullable: true };
  });
  return { kind: categories === null ? "matrix" : "table", named: names !== null, columns };
}

export interface LightgbmOptions {
  /** The file's name, for errors. */
  readonly name: string;
  /** Only the first so many rounds. @default all */
  readonly rounds?: number;
}

/** @throws MODEL_TREE, MODEL_ATTRIBUTE, MODEL_UNSUPPORTED, FORMAT_LIMIT */
export function lightgbmScores(
  model: LightgbmModel,
  { graph, input, options }: { graph: GraphBuilder; input: ValueId; options: LightgbmOptions },
): LightgbmScores {
  const { outputs, width } = model;
  const objective = lightgbmObjective(model.objective);
  const rounds = Math.min(options.rounds ?? Number.POSITIVE_INFINITY, model.trees.length / outputs);
  const trees = model.trees.slice(0, rounds * outputs);
  const raw = graph.add({
    kind: "forest",
    inputs: [lightgbmRows(model, graph, input)],
    ...lightgbmForest(trees, { width, outputs, name: options.name }),
    base: new Float64Array(outputs),
  });
  // The raw score of a random forest is the sum, its answer comes from the mean.
  const mean = model.averages && rounds > 0 ? graph.add({ kind: "divide", inputs: [raw], divisor: rounds }) : raw;
  return { raw, answer: lightgbmAnswer(graph, mean, objective), outputs };
}

/** Categories of a data frame become their numbers, what training did not see becomes missing. */
function lightgbmRows({ width, categories }: LightgbmModel, graph: GraphBuilder, input: ValueId): ValueId {
  const type = graph.typeOf(input);
  if (type.kind === "records" || type.kind === "label") {
    throw trimaranError("MODEL_UNSUPPORTED", { path: "the rows", what: `${type.kind} input of LightGBM`, nearest: "" });
  }
  const given = type.kind === "table" ? type.columns.length : type.width;
  if (given !== width) {
    const problem = `the model has ${width} features, what comes before it gives ${given}`;
    throw trimaranError("MODEL_ATTRIBUTE", { path: "max_feature_idx", problem });
  }
  if (type.kind !== "table") return input;
  if (categories === null) return graph.add({ kind: "table_numbers", inputs: [input] });
  const columns = categories.map((labels, index) => {
    const one = graph.add({ kind: "select", inputs: [input], columns: Int32Array.of(index) });
    if (labels === null) return graph.add({ kind: "table_numbers", inputs: [one] });
    const numbers = Float64Array.from(labels, (_, number) => number);
    const table: CategoryTable = { categories: labels, numbers, missing: Number.NaN, unknown: Number.NaN };
    return graph.add({
      kind: "category_numbers",
      inputs: [one],
      tables: [table],
      number: "f64",
      estimator: "LightGBM",
    });
  });
  return graph.add({ kind: "concat", inputs: columns });
}

/** What a native Booster answers: `predict`, and the raw score as `decision_function`. */
export function boosterMethods({ raw, answer, outputs }: LightgbmScores): Readonly<Record<string, GraphOutput>> {
  const scalar = outputs === 1;
  return { predict: { value: answer, scalar }, decision_function: { value: raw, scalar } };
}

// The fitted model as a graph: the same ops that the reader makes of Pipeline(DictVectorizer, model), so that predicting, ONNX
// and serving need to know nothing of training.
import type { ModelInput, RecordFeature } from "../data/model-input.ts";
import type { ModelGraph } from "../model/graph.ts";
import { type GraphBuilder, graphBuilder } from "../model/graph-builder.ts";
import type { ForestOp } from "../model/ops/forest.ts";
import type { ValueId } from "../model/value.ts";
import { separator } from "./cell-writer.ts";
import type { LinearFit } from "./fit-linear.ts";
import type { TrainingMatrix } from "./training-matrix.ts";

/** Trees laid end to end, as the forest op has them. */
export type ForestTrees = Pick<ForestOp, "roots" | "feature" | "threshold" | "left" | "right" | "leaves" | "cover">;

type Columns = Pick<TrainingMatrix, "layout" | "names">;

export function linearGraph(matrix: Columns, fit: LinearFit, alpha: number): ModelGraph {
  const graph = graphBuilder(inputOf(matrix));
  const estimator = alpha === 0 ? "LinearRegression" : "Ridge";
  const inputs = [numbers(graph, matrix)] as const;
  const finite = graph.add({ kind: "require_finite", inputs, allowNaN: false, allowInfinite: false, estimator });
  const value = graph.add({
    kind: "affine",
    inputs: [finite],
    weights: fit.coefficients,
    intercept: Float64Array.of(fit.intercept),
  });
  return graph.finish({ predict: { value, scalar: true } }, "predict");
}

export interface ForestParts {
  readonly trees: ForestTrees;
  readonly estimator: string;
}

export function forestGraph(matrix: Columns & Pick<TrainingMatrix, "classes">, parts: ForestParts): ModelGraph {
  const graph = graphBuilder(inputOf(matrix));
  const { trees, estimator } = parts;
  const { classes } = matrix;
  const width = classes?.length ?? 1;
  const inputs = [numbers(graph, matrix)] as const;
  const rounded = graph.add({ kind: "cast", inputs, number: "f32", repeated: "sum_then_cast" });
  const finite = { kind: "require_finite", allowNaN: false, allowInfinite: false, estimator } as const;
  const sum = graph.add({
    kind: "forest",
    inputs: [graph.add({ ...finite, inputs: [rounded] })],
    ...trees,
    missingLeft: null,
    rule: "le",
    leafWidth: width,
    targets: null,
    base: new Float64Array(width),
    sum: "f64",
  });
  const value = graph.add({ kind: "divide", inputs: [sum], divisor: trees.roots.length - 1 });
  if (classes === null) return graph.finish({ predict: { value, scalar: true } }, "predict");
  const label = graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [classes] });
  const log = graph.add({ kind: "map", inputs: [value], function: "log" });
  return graph.finish(
    {
      predict: { value: label, scalar: true },
      predict_proba: { value, scalar: false },
      predict_log_proba: { value: log, scalar: false },
    },
    "predict",
  );
}

function numbers(graph: GraphBuilder, { layout, names }: Columns): ValueId {
  if (layout === "matrix") return graph.input;
  return graph.add({ kind: "vectorize", inputs: [graph.input], names, separator, lists: "split", number: "f64" });
}

function inputOf({ layout, names }: Columns): ModelInput {
  if (layout === "matrix") {
    return { kind: "matrix", named: true, columns: names.map((name) => ({ name, type: "number", nullable: false })) };
  }
  const features = new Map<string, { numeric: boolean; categories: string[] }>();
  for (const name of names) {
    const at = name.indexOf(separator);
    const key = at < 0 ? name : name.slice(0, at);
    const feature = features.get(key) ?? { numeric: false, categories: [] };
    if (at < 0) feature.numeric = true;
    else feature.categories.push(name.slice(at + separator.length));
    features.set(key, feature);
  }
  return { kind: "records", features: [...features].map(([name, feature]): RecordFeature => ({ name, ...feature })) };
}

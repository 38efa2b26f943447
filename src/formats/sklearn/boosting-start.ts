// Where gradient boosting starts: the raw scores of `init_`, as a constant where that answers the same for every row, else
// as a value. Source: sklearn/ensemble/_gb_losses.py (until 1.3), `_init_raw_predictions` in _gb.py (from 1.4).
import { trimaranError } from "../../base/errors.ts";
import { roundedExp, roundedLog } from "../../base/rounded-log.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ColumnStep } from "../../model/ops/columnwise.ts";
import type { ValueId } from "../../model/value.ts";
import { isArray } from "../numpy/ndarray.ts";
import type { BuildContext, OpenedEstimator } from "./estimator.ts";
import { dummyClassifier, dummyConstant, dummyProbabilities, dummyRegressor } from "./estimators/dummy.ts";
import { arrayOf, attribute, type Instance, pathOf, wrote } from "./instance.ts";
import { oldStart } from "./old-starts.ts";
import { step } from "./probabilities.ts";

/** How probabilities become raw scores. `half_log_odds` belongs to the exponential loss. */
export type StartLink = "log_odds" | "half_log_odds" | "log" | "centred_log" | "identity";

export interface BoostingStart {
  /** The scores that every row starts from, or null where they depend on the row. */
  readonly base: Float64Array | null;
  readonly value: ValueId | null;
}

export interface StartOptions {
  /** Raw scores of a row. */
  readonly outputs: number;
  readonly link: StartLink;
  /** The rows, rounded to float32, as the library hands them to `init_`. */
  readonly rows: ValueId;
  readonly context: BuildContext;
}

export function boostingStart(self: Instance, options: StartOptions): BoostingStart {
  const { outputs, link, context } = options;
  const init = attribute(self, "init_");
  if (init === "zero") return { base: new Float64Array(outputs), value: null };
  const old = oldStart(self, init, outputs);
  if (old !== null) return { base: old, value: null };
  if (!wrote(self, 0, 21)) throw startError(self, "a start that is none of the library's own (written before 0.21)");
  const opened = context.open(init, pathOf(self, "init_"), self);
  const constant = constantStart(opened, link);
  if (constant !== null) {
    const scores = link === "identity" ? constant : linkNumbers(clip(positive(constant, outputs), self), link);
    if (scores.length !== outputs) throw startError(self, `${scores.length} scores where ${outputs} are boosted`);
    return { base: scores, value: null };
  }
  const value = rowStart(self, opened, options);
  const type = context.graph.typeOf(value);
  if (type.kind !== "dense" || type.width !== outputs)
    throw startError(self, `a start of other than ${outputs} scores`);
  return { base: null, value };
}

function constantStart({ instance, record }: OpenedEstimator, link: StartLink): Float64Array | null {
  if (link === "identity") return record === dummyRegressor ? dummyConstant(instance) : null;
  return record === dummyClassifier ? dummyProbabilities(instance) : null;
}

function rowStart(self: Instance, opened: OpenedEstimator, { outputs, link, rows, context }: StartOptions): ValueId {
  const { graph } = context;
  const methods = opened.record.toOps(opened.instance, rows, context);
  const answer = link === "identity" ? methods.predict : methods.predict_proba;
  if (answer === undefined) throw startError(self, `${opened.record.name} as a start`);
  if (link === "identity") return answer.value;
  const probabilities = startProbabilities(opened, answer.value, { outputs, graph });
  const edge = clipEdge(self);
  const steps = [step("maximum", edge), step("minimum", 1 - edge)];
  const clipped = graph.add({ kind: "columnwise", inputs: [probabilities], steps, number: "f64" });
  return linkOps(graph, clipped, link);
}

/**
 * The probabilities that are boosted: of all classes, or of the second of two. A linear model that was fitted on the float32
 * rows of boosting answers float32, which shows near 0 and 1.
 */
function startProbabilities(
  { instance, record }: OpenedEstimator,
  all: ValueId,
  { outputs, graph }: { outputs: number; graph: GraphBuilder },
): ValueId {
  const cast = (value: ValueId): ValueId =>
    graph.add({ kind: "cast", inputs: [value], number: "f32", repeated: "sum_then_cast" });
  const column = (index: number): ValueId =>
    graph.add({ kind: "select", inputs: [all], columns: Int32Array.of(index) });
  const single = hasFloat32Coefficients(instance);
  if (outputs > 1) return single ? cast(all) : all;
  if (!single) return column(1);
  if (!record.name.startsWith("LogisticRegression") || !wrote(instance, 1, 8)) return cast(column(1));
  // From 1.8 expit is computed in float32: 1 / (1 + e^-d), each step rounded; e^-d is the odds of the first class.
  const odds = cast(graph.add({ kind: "combine", inputs: [column(0), column(1)], function: "divide" }));
  const sum = graph.add({ kind: "columnwise", inputs: [odds], steps: [step("add", 1)], number: "f32" });
  return graph.add({ kind: "map", inputs: [sum], function: "reciprocal" });
}

function hasFloat32Coefficients(start: Instance): boolean {
  if (!isArray(attribute(start, "coef_"))) return false;
  const { dtype } = arrayOf(start, "coef_");
  return dtype.kind === "f" && dtype.itemsize === 4;
}

/** Probabilities are kept off 0 and 1 by float32's epsilon until 1.7, by float64's from 1.8. */
function clipEdge(self: Instance): number {
  return wrote(self, 1, 8) ? 2 ** -52 : 2 ** -23;
}

function clip(probabilities: Float64Array, self: Instance): Float64Array {
  const edge = clipEdge(self);
  return probabilities.map((p) => Math.min(Math.max(p, edge), 1 - edge));
}

/** A single score is that of the second class. */
function positive(probabilities: Float64Array, outputs: number): Float64Array {
  return outputs === 1 ? probabilities.slice(1, 2) : probabilities;
}

function linkNumbers(p: Float64Array, link: StartLink): Float64Array {
  if (link === "log") return p.map(roundedLog);
  if (link === "centred_log") {
    const mean = roundedExp(p.reduce((sum, each) => sum + roundedLog(each), 0) / p.length);
    return p.map((each) => roundedLog(each / mean));
  }
  const factor = link === "half_log_odds" ? 0.5 : 1;
  return p.map((each) => factor * roundedLog(each / (1 - each)));
}

function linkOps(graph: GraphBuilder, p: ValueId, link: StartLink): ValueId {
  const steps = (...each: readonly ColumnStep[]): ValueId =>
    graph.add({ kind: "columnwise", inputs: [p], steps: each, number: "f64" });
  const log = (value: ValueId): ValueId => graph.add({ kind: "map", inputs: [value], function: "log" });
  if (link === "log") return log(p);
  if (link === "centred_log") {
    const type = graph.typeOf(p);
    const sum = graph.add({ kind: "row_sum", inputs: [log(p)] });
    const mean = graph.add({ kind: "divide", inputs: [sum], divisor: type.kind === "dense" ? type.width : 1 });
    const scale = graph.add({ kind: "map", inputs: [mean], function: "exp" });
    return log(graph.add({ kind: "combine", inputs: [p, scale], function: "divide" }));
  }
  const other = steps(step("multiply", -1), step("add", 1));
  const odds = log(graph.add({ kind: "combine", inputs: [p, other], function: "divide" }));
  if (link === "log_odds") return odds;
  return graph.add({ kind: "columnwise", inputs: [odds], steps: [step("multiply", 0.5)], number: "f64" });
}

function startError(self: Instance, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "init_"), what, nearest: "" });
}

// One row of numbers → one number, for `predictRow`: chains of cast, require_finite, a forest or a linear model, and divide run
// without allocating; every other graph goes through a batch of one row.
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { MatrixBatch, RowIssue } from "../data/batch.ts";
import type { Predictions } from "../data/predictions.ts";
import type { ModelGraph } from "../model/graph.ts";
import type { Op } from "../model/op.ts";
import type { AffineOp } from "../model/ops/affine.ts";
import type { ForestOp } from "../model/ops/forest.ts";
import type { ValueType } from "../model/value.ts";
import { areFinite } from "./fast/dense-forest.ts";
import { type ForestOpener, isPlainForest } from "./fast/forest.ts";
import { numbersOf } from "./runtime-value.ts";

export type RowFunction = (row: Float64Array) => number;

export interface RowOptions {
  readonly graph: ModelGraph;
  /** Null: plain kernels only. */
  readonly openForest: ForestOpener | null;
  /** The same row as a batch: for graphs of other shapes, and for what is wrong with a refused row. */
  readonly predict: (batch: MatrixBatch) => Predictions;
}

/** Whether the default method answers one number for a row of numbers. */
export function answersRows(graph: ModelGraph, types: readonly ValueType[]): boolean {
  const output = graph.outputs[graph.defaultMethod];
  if (output === undefined || !output.scalar || output.widths !== undefined) return false;
  return graph.input.kind === "matrix" && types[output.value]?.kind === "dense";
}

/** For a graph that `answersRows`. */
export function rowFunction({ graph, openForest, predict }: RowOptions): RowFunction {
  const width = graph.input.kind === "matrix" ? graph.input.columns.length : 0;
  const direct = openForest === null ? null : directFunction(graph, width, openForest);
  return (row) => {
    if (row.length !== width) {
      const message = `must hold ${width} values, not ${row.length}`;
      throw refusal([{ row: 0, path: "", code: "wrong_length", message }]);
    }
    if (direct !== null && (!direct.finite || areFinite(row, direct.float32))) return direct.answer(row);
    const { outputs, issues } = predict({ kind: "matrix", rowCount: 1, width, values: row });
    if (issues.length > 0) throw refusal(issues);
    const column = outputs[graph.defaultMethod];
    if (column?.kind !== "number") throw new TypeError("row: a number was promised");
    return column.values[0] as number;
  };
}

function refusal(issues: readonly RowIssue[]): TrimaranError {
  const problem = `${issues[0]?.path || "it"} ${issues[0]?.message}`;
  return trimaranError("MODEL_ROW_REFUSED", { problem }, { issues });
}

interface Direct {
  readonly answer: RowFunction;
  /** Numbers that are not finite may be refused, so `predict` is to judge them. */
  readonly finite: boolean;
  readonly float32: boolean;
}

/** [cast] → [require_finite] → forest or affine → [divide]; null for every other graph. */
function directFunction(graph: ModelGraph, width: number, openForest: ForestOpener): Direct | null {
  let value = graph.outputs[graph.defaultMethod]?.value ?? 0;
  const take = <Kind extends Op["kind"]>(kind: Kind): Extract<Op, { readonly kind: Kind }> | null => {
    const op = graph.ops[value - 1];
    if (op?.kind !== kind) return null;
    value = op.inputs[0] ?? 0;
    return op as Extract<Op, { readonly kind: Kind }>;
  };
  const divisor = take("divide")?.divisor ?? 1;
  const core = take("forest") ?? take("affine");
  const finite = take("require_finite") !== null;
  const float32 = take("cast")?.number === "f32";
  if (core === null || value !== 0 || (core.kind === "affine" && core.number === "f32")) return null;
  const answer =
    core.kind === "affine"
      ? affineRow(core, { float32, divisor })
      : forestRow(core, { width, float32, divisor, openForest });
  return answer === null ? null : { answer, finite, float32 };
}

interface ForestRow {
  readonly width: number;
  readonly float32: boolean;
  readonly divisor: number;
  readonly openForest: ForestOpener;
}

function forestRow(forest: ForestOp, { width, float32, divisor, openForest }: ForestRow): RowFunction | null {
  const kernel = isPlainForest(forest) ? openForest(forest, { width, number: float32 ? "f32" : "f64" }) : null;
  if (kernel === null) return null;
  const sum = numbersOf(forest.sum, 1);
  return (row) => {
    kernel.predictRow(row, sum);
    return (sum[0] as number) / divisor;
  };
}

function affineRow(
  { weights, intercept }: AffineOp,
  { float32, divisor }: { float32: boolean; divisor: number },
): RowFunction {
  const last = intercept[0] as number;
  return (row) => {
    let sum = 0;
    for (let column = 0; column < row.length; column++) {
      const cell = row[column] as number;
      sum += (float32 ? Math.fround(cell) : cell) * (weights[column] as number);
    }
    return (sum + last) / divisor;
  };
}

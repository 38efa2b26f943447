// Ops that are arithmetic on numbers → ONNX nodes.

import type { OpOf } from "../../model/op.ts";
import type { ColumnStepKind } from "../../model/ops/columnwise.ts";
import { int, ints, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { numberOf, rounded, tensor, tensorInput, type WriteContext, type WriteOp, widthOf } from "./op-writer.ts";

export const writeAffine: WriteOp<"affine"> = ({ weights, intercept, number = "f64" }, context) => {
  const width = widthOf(context.types[0]);
  const scores = product(context, { weights, outputs: intercept.length, width, constants: intercept });
  return tensor(rounded(context, scores, number));
};

export const writeWeightedSums: WriteOp<"weighted_sums"> = ({ starts, columns, weights, constants }, context) => {
  const width = widthOf(context.types[0]);
  const matrix = new Float64Array(constants.length * width);
  for (let sum = 0; sum < constants.length; sum++) {
    for (let term = starts[sum] ?? 0; term < (starts[sum + 1] ?? 0); term++) {
      const at = sum * width + (columns[term] ?? 0);
      matrix[at] = (matrix[at] ?? 0) + (weights[term] ?? 0);
    }
  }
  return tensor(product(context, { weights: matrix, outputs: constants.length, width, constants }));
};

interface Product {
  /** Row-major, `outputs × width`. */
  readonly weights: Float64Array;
  readonly outputs: number;
  readonly width: number;
  readonly constants: Float64Array | null;
}

/** x · weightsᵀ + constants. */
export function product(context: WriteContext, { weights, outputs, width, constants }: Product): OnnxName {
  const { onnx } = context;
  const turned = new Float64Array(weights.length);
  for (let output = 0; output < outputs; output++) {
    for (let column = 0; column < width; column++) {
      turned[column * outputs + output] = weights[output * width + column] ?? 0;
    }
  }
  const scores = onnx.node("MatMul", [tensorInput(context), onnx.doubles(turned, [width, outputs])]);
  return constants === null ? scores : onnx.node("Add", [scores, onnx.doubles(constants, [1, outputs])]);
}

export const writeCast: WriteOp<"cast"> = (op, context) => tensor(rounded(context, tensorInput(context), op.number));

export const writeDivide: WriteOp<"divide"> = (op, context) =>
  tensor(context.onnx.node("Div", [tensorInput(context), context.onnx.doubles([op.divisor])]));

const stepNodes: Readonly<Record<Exclude<ColumnStepKind, "replace_zero" | "greater">, string>> = {
  add: "Add",
  subtract: "Sub",
  multiply: "Mul",
  divide: "Div",
  maximum: "Max",
  minimum: "Min",
};

export const writeColumnwise: WriteOp<"columnwise"> = (op, context) => {
  const { onnx } = context;
  let value = rounded(context, tensorInput(context), op.number);
  for (const { step, values } of op.steps) {
    const by = onnx.doubles(values, [1, values.length]);
    value = rounded(context, stepped(onnx, step, { value, by }), op.number);
  }
  return tensor(value);
};

function stepped(onnx: OnnxBuilder, step: ColumnStepKind, { value, by }: { value: OnnxName; by: OnnxName }): OnnxName {
  switch (step) {
    case "replace_zero":
      return onnx.node("Where", [onnx.node("Equal", [value, onnx.doubles([0])]), by, value]);
    case "greater":
      return onnx.cast(onnx.node("Greater", [value, by]), "double");
    default:
      return onnx.node(stepNodes[step], [value, by]);
  }
}

const combineNodes: Readonly<Record<Exclude<OpOf<"combine">["function"], "logaddexp">, string>> = {
  add: "Add",
  subtract: "Sub",
  multiply: "Mul",
  divide: "Div",
};

export const writeCombine: WriteOp<"combine"> = (op, context) => {
  const { onnx } = context;
  const [a, b] = [tensorInput(context), tensorInput(context, 1)];
  const value = op.function === "logaddexp" ? logAddExp(onnx, a, b) : onnx.node(combineNodes[op.function], [a, b]);
  return tensor(rounded(context, value, numberOf(context.result)));
};

function logAddExp(onnx: OnnxBuilder, a: OnnxName, b: OnnxName): OnnxName {
  const largest = finiteOrZero(onnx, onnx.node("Max", [a, b]));
  const power = (x: OnnxName): OnnxName => onnx.node("Exp", [onnx.node("Sub", [x, largest])]);
  return onnx.node("Add", [onnx.node("Log", [onnx.node("Add", [power(a), power(b)])]), largest]);
}

function finiteOrZero(onnx: OnnxBuilder, x: OnnxName): OnnxName {
  return onnx.node("Where", [onnx.node("IsInf", [x]), onnx.doubles([0]), x]);
}

export const writeSoftmax: WriteOp<"softmax"> = (_op, context) =>
  tensor(
    rounded(context, context.onnx.node("Softmax", [tensorInput(context)], { axis: int(-1) }), numberOf(context.result)),
  );

export const writeRowSum: WriteOp<"row_sum"> = (_op, context) =>
  tensor(rounded(context, rowSum(context.onnx, tensorInput(context)), numberOf(context.result)));

export const writeNormalizeSum: WriteOp<"normalize_sum"> = (op, context) => {
  const { onnx, result } = context;
  const x = tensorInput(context);
  const sum = rowSum(onnx, x);
  const share = onnx.node("Div", [x, sum]);
  const uniform = (): OnnxName =>
    onnx.node("Where", [onnx.node("Equal", [sum, onnx.doubles([0])]), onnx.doubles([1 / widthOf(result)]), share]);
  return tensor(rounded(context, op.zero === "nan" ? share : uniform(), numberOf(result)));
};

export const writeLogSumExp: WriteOp<"log_sum_exp"> = (_op, context) => {
  const { onnx } = context;
  const x = tensorInput(context);
  const finite = finiteOrZero(onnx, onnx.node("ReduceMax", [x], { axes: ints([1]) }));
  const sum = rowSum(onnx, onnx.node("Exp", [onnx.node("Sub", [x, finite])]));
  return tensor(onnx.node("Add", [onnx.node("Log", [sum]), finite]));
};

/** A row of zeros stays, and one whose norm is small. */
export const writeNormalizeRows: WriteOp<"normalize_rows"> = (op, context) => {
  const { onnx } = context;
  const x = tensorInput(context);
  const norm = {
    l1: () => rowSum(onnx, onnx.node("Abs", [x])),
    l2: () => onnx.node("Sqrt", [rowSum(onnx, onnx.node("Mul", [x, x]))]),
    max: () => onnx.node("ReduceMax", [onnx.node("Abs", [x])], { axes: ints([1]) }),
    largest: () => onnx.node("ReduceMax", [x], { axes: ints([1]) }),
  }[op.norm]();
  const isZero = onnx.node("Equal", [norm, onnx.doubles([0])]);
  const isSmall = onnx.node("Less", [norm, onnx.doubles([op.smallest ?? Number.NEGATIVE_INFINITY])]);
  const divisor = onnx.node("Where", [onnx.node("Or", [isZero, isSmall]), onnx.doubles([1]), norm]);
  return tensor(rounded(context, onnx.node("Div", [x, divisor]), numberOf(context.result)));
};

/** Factor by factor; a product that has no more factors takes a column of ones, put behind the others. */
export const writeProducts: WriteOp<"products"> = ({ terms }, context) => {
  const { onnx } = context;
  const x = tensorInput(context);
  const width = widthOf(context.types[0]);
  const rows = onnx.node("Gather", [onnx.node("Shape", [x]), onnx.integers([0])]);
  const shape = onnx.node("Concat", [rows, onnx.integers([1])], { axis: int(0) });
  const one = onnx.node("Expand", [onnx.doubles([1], [1, 1]), shape]);
  const padded = onnx.node("Concat", [x, one], { axis: int(1) });
  const factor = (place: number): OnnxName =>
    onnx.node("Gather", [padded, onnx.integers(terms.map((term) => term[place] ?? width))], { axis: int(1) });
  const degree = terms.reduce((most, term) => Math.max(most, term.length), 1);
  let value = factor(0);
  for (let place = 1; place < degree; place++) value = onnx.node("Mul", [value, factor(place)]);
  return tensor(rounded(context, value, numberOf(context.result)));
};

export const writeBins: WriteOp<"bins"> = ({ edges, rule }, context) => {
  const { onnx } = context;
  const x = tensorInput(context);
  const parts = edges.map((own, index) => {
    const column = edges.length === 1 ? x : onnx.node("Gather", [x, onnx.integers([index])], { axis: int(1) });
    const nudge = (): OnnxName =>
      onnx.node("Add", [onnx.node("Mul", [onnx.node("Abs", [column]), onnx.doubles([1e-5])]), onnx.doubles([1e-8])]);
    const moved = rule === "nudged" ? onnx.node("Add", [column, nudge()]) : column;
    // An edge that nothing reaches keeps the list from being empty.
    const bounds = onnx.doubles([...own, Number.NaN], [1, own.length + 1]);
    return rowSum(onnx, onnx.cast(onnx.node("GreaterOrEqual", [moved, bounds]), "double"));
  });
  return tensor(parts.length === 1 ? (parts[0] ?? x) : onnx.node("Concat", parts, { axis: int(1) }));
};

/** [rows, width] → [rows, 1]. */
export function rowSum(onnx: OnnxBuilder, x: OnnxName): OnnxName {
  return onnx.node("ReduceSum", [x, onnx.integers([1])]);
}

// SplineTransformer: B-splines of each column. Source: sklearn/preprocessing/_polynomial.py, scipy/interpolate/_bsplines.py.
import { trimaranError } from "../../../base/errors.ts";
import type { SplineColumn, SplinesOp } from "../../../model/ops/splines.ts";
import { readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { checkedNumbers, denseNumbers } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import {
  arrayOf,
  attributeError,
  booleanOf,
  type Instance,
  instanceOf,
  integerOf,
  itemsOf,
  pathOf,
  stringOf,
} from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { shortName } from "../tree-rules.ts";

export const splineTransformer: EstimatorRecord = {
  name: "SplineTransformer",
  classes: ["sklearn.preprocessing._polynomial.SplineTransformer"],
  fitted: ["bsplines_"],
  exactness: "loose",
  note: "within 1e-12: the library's own sums are made by compiled code in an order of its own",
  input: (self) => numericInput(self),
  toOps(self, input, { graph }) {
    const allowNaN = stringOf(self, "handle_missing", "error") === "zeros";
    const checked = checkedNumbers(self, denseNumbers(self, input, graph), { graph, allowNaN });
    const degree = integerOf(self, "degree");
    const columns = splineColumns(self);
    const splines = splineCount(self, columns, degree);
    const all = graph.add({
      kind: "splines",
      inputs: [checked],
      columns,
      degree,
      splines,
      outside: outsideRule(self),
      estimator: shortName(self),
    });
    const width = columns.length * splines;
    const kept = Int32Array.from({ length: width }, (_, at) => at).filter((at) => (at + 1) % splines !== 0);
    const value = booleanOf(self, "include_bias", true)
      ? all
      : graph.add({ kind: "select", inputs: [all], columns: kept });
    const isSparse = booleanOf(self, "sparse_output", false);
    return { transform: { value: isSparse ? graph.add({ kind: "sparsify", inputs: [value] }) : value, scalar: false } };
  },
};

function splineColumns(self: Instance): readonly SplineColumn[] {
  return itemsOf(self, "bsplines_").map((item, index) => {
    const path = `${pathOf(self, "bsplines_")}[${index}]`;
    const spline = instanceOf(item, path, self);
    if (spline === undefined) throw trimaranError("MODEL_ATTRIBUTE", { path, problem: "a BSpline was expected" });
    return { knots: toFloat64(arrayOf(spline, "t")), coefficients: toFloat64(arrayOf(spline, "c")) };
  });
}

/** Every column has as many splines as its coefficients have columns. */
function splineCount(self: Instance, columns: readonly SplineColumn[], degree: number): number {
  const [first] = itemsOf(self, "bsplines_");
  const spline = instanceOf(first, `${pathOf(self, "bsplines_")}[0]`, self);
  const shape =
    spline === undefined ? [] : readArray(spline.attributes.values[spline.attributes.keys.indexOf("c")], "c").shape;
  const [rows = 0, width = 0] = shape;
  if (
    shape.length !== 2 ||
    columns.some(
      ({ knots, coefficients }) => knots.length - degree - 1 !== rows || coefficients.length !== rows * width,
    )
  ) {
    throw attributeError(self, "bsplines_", "its splines differ in their knots and coefficients");
  }
  return width;
}

function outsideRule(self: Instance): SplinesOp["outside"] {
  const rule = stringOf(self, "extrapolation");
  if (rule === "error") return "refuse";
  if (rule === "constant" || rule === "linear" || rule === "continue" || rule === "periodic") return rule;
  throw attributeError(self, "extrapolation", "it is none of the library's rules");
}

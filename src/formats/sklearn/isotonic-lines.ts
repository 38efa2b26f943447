// The lines of a fitted isotonic regression. Source: sklearn/isotonic.py, `_build_f` and `_transform`.
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { InterpolateOp } from "../../model/ops/interpolate.ts";
import type { ValueId } from "../../model/value.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { arrayOf, attributeError, firstOf, type Instance, stringOf } from "./instance.ts";

/** `outside` overrides the object's own `out_of_bounds`. */
export function isotonicLines(graph: GraphBuilder, self: Instance, input: ValueId): ValueId {
  // Until 0.23 the thresholds were called `_necessary_X_` and `_necessary_y_`.
  const x = toFloat64(arrayOf(self, firstOf(self, ["X_thresholds_", "_necessary_X_"])));
  const y = toFloat64(arrayOf(self, firstOf(self, ["y_thresholds_", "_necessary_y_"])));
  if (x.length === 0 || x.length !== y.length)
    throw attributeError(self, "X_thresholds_", "it does not fit y_thresholds_");
  return graph.add({
    kind: "interpolate",
    inputs: [input],
    x,
    y,
    outside: outsideOf(self),
    estimator: "IsotonicRegression",
  });
}

function outsideOf(self: Instance): InterpolateOp["outside"] {
  const rule = stringOf(self, "out_of_bounds");
  if (rule === "clip" || rule === "nan") return rule;
  if (rule === "raise") return "refuse";
  throw attributeError(self, "out_of_bounds", "clip, nan or raise was expected");
}

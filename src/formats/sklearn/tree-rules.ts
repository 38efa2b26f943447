// Rules that single trees and forests share: rounding to float32, and which of them take NaN.
import type { ValueId } from "../../model/value.ts";
import type { BuildContext } from "./estimator.ts";
import { has, type Instance, stringOf, wrote } from "./instance.ts";

const criteriaWithNaN: readonly string[] = ["squared_error", "friedman_mse", "poisson", "gini", "log_loss", "entropy"];

/**
 * Whether `predict` takes NaN in dense input: single trees from 1.3, forests from 1.4, not with an absolute-error
 * criterion or monotonic constraints. Source: `_support_missing_values` and the `allow_nan` tag.
 */
export function treesTakeNaN(self: Instance, since: { major: number; minor: number }): boolean {
  if (!wrote(self, since.major, since.minor) || has(self, "monotonic_cst")) return false;
  return criteriaWithNaN.includes(stringOf(self, "criterion", "squared_error"));
}

/** Trees compare float32: the matrix is rounded, and what float32 cannot hold is refused. */
export function treeInput(
  input: ValueId,
  { estimator, takesNaN, context }: { estimator: string; takesNaN: boolean; context: BuildContext },
): ValueId {
  const { graph } = context;
  const rounded = graph.add({ kind: "cast", inputs: [input], number: "f32", repeated: "sum_then_cast" });
  const allowNaN = takesNaN && graph.typeOf(input).kind !== "sparse";
  return graph.add({ kind: "require_finite", inputs: [rounded], allowNaN, allowInfinite: false, estimator });
}

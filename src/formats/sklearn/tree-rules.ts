// Rules that single trees and forests share: rounding to float32, and which of them take NaN.
import type { ValueId } from "../../model/value.ts";
import type { BuildContext } from "./estimator.ts";
import { has, type Instance, stringOf, wrote } from "./instance.ts";

const criteriaWithNaN: readonly string[] = ["squared_error", "friedman_mse", "poisson", "gini", "log_loss", "entropy"];

/**
 * Whether a single tree's `predict` takes NaN in dense input. From 1.3 with the best splitter, from 1.6 with the random
 * one, until 1.8 only with some criteria and without monotonic constraints. Source: `_support_missing_values`.
 */
export function treeTakesNaN(tree: Instance): boolean {
  if (!wrote(tree, 1, 3)) return false;
  const extra = tree.className.includes(".ExtraTree");
  const splitter = stringOf(tree, "splitter", extra ? "random" : "best");
  const random = splitter === "random";
  if (wrote(tree, 1, 6)) {
    if (extra && !random) return false;
  } else if (random) return false;
  if (wrote(tree, 1, 9)) return true;
  return !has(tree, "monotonic_cst") && criteriaWithNaN.includes(stringOf(tree, "criterion", "squared_error"));
}

/** Forests hand NaN on to their trees from 1.4; the first tree decides. */
export function forestTakesNaN(self: Instance, firstTree: Instance): boolean {
  return wrote(self, 1, 4) && treeTakesNaN(firstTree);
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

/** The class's own name, as refusals quote it. */
export function shortName(self: Instance): string {
  return self.className.slice(self.className.lastIndexOf(".") + 1);
}

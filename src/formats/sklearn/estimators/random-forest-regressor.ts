// RandomForestRegressor: the mean of its trees' leaves, added in tree order, divided once.
// Source: sklearn/ensemble/_forest.py.
import type { BuildContext, EstimatorRecord } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { attribute, attributeError, type Instance, itemsOf, pathOf } from "../instance.ts";
import { featureCount, numericInput } from "../numeric-input.ts";
import { type FittedTree, readTree } from "../tree.ts";
import { treeInput, treesTakeNaN } from "../tree-rules.ts";

const nanSince = { major: 1, minor: 4 };

export const randomForestRegressor: EstimatorRecord = {
  name: "RandomForestRegressor",
  classes: ["sklearn.ensemble._forest.RandomForestRegressor", "sklearn.ensemble.forest.RandomForestRegressor"],
  fitted: ["estimators_"],
  exactness: "exact",
  note: "as with n_jobs=1; with more jobs the library itself adds in arrival order",
  input: (self) => numericInput(self, { nullable: treesTakeNaN(self, nanSince) }),
  toOps(self, input, context) {
    const { graph } = context;
    const trees = fittedTrees(self, context);
    const width = featureCount(self);
    const outputs = trees[0]?.outputs ?? 1;
    for (const tree of trees) {
      if (tree.outputs !== outputs || tree.valueWidth !== outputs) {
        throw attributeError(self, "estimators_", "its trees differ in their outputs");
      }
    }
    const takesNaN = treesTakeNaN(self, nanSince);
    const sum = graph.add({
      kind: "forest",
      inputs: [treeInput(input, { estimator: "RandomForestRegressor", takesNaN, context })],
      ...forestArrays(trees, { path: pathOf(self, "estimators_"), width, leafWidth: outputs }),
      rule: "le",
      targets: null,
      base: new Float64Array(outputs),
      sum: "f64",
    });
    const value = graph.add({ kind: "divide", inputs: [sum], divisor: trees.length });
    return { predict: { value, scalar: outputs === 1 } };
  },
};

/** Every tree of `estimators_`, each a DecisionTreeRegressor. */
function fittedTrees(self: Instance, context: BuildContext): readonly FittedTree[] {
  const items = itemsOf(self, "estimators_");
  if (items.length === 0) throw attributeError(self, "estimators_", "it is empty");
  return items.map((item, index) => {
    const path = `${pathOf(self, "estimators_")}[${index}]`;
    const { instance } = context.open(item, path, self);
    return readTree(attribute(instance, "tree_"), `${path}.tree_`);
  });
}

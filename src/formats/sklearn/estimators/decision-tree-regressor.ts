// DecisionTreeRegressor: the value of one leaf. Source: sklearn/tree/_classes.py.
import type { EstimatorRecord } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { attribute, pathOf } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { readTree } from "../tree.ts";
import { treeInput, treesTakeNaN } from "../tree-rules.ts";

const nanSince = { major: 1, minor: 3 };

export const decisionTreeRegressor: EstimatorRecord = {
  name: "DecisionTreeRegressor",
  classes: ["sklearn.tree._classes.DecisionTreeRegressor", "sklearn.tree.tree.DecisionTreeRegressor"],
  fitted: ["tree_"],
  exactness: "exact",
  input: (self) => numericInput(self, { nullable: treesTakeNaN(self, nanSince) }),
  toOps(self, input, context) {
    const tree = readTree(attribute(self, "tree_"), pathOf(self, "tree_"));
    const takesNaN = treesTakeNaN(self, nanSince);
    const value = context.graph.add({
      kind: "forest",
      inputs: [treeInput(input, { estimator: "DecisionTreeRegressor", takesNaN, context })],
      ...forestArrays([tree], { path: self.path, width: tree.features, leafWidth: tree.outputs }),
      rule: "le",
      targets: null,
      // -0 is the one number that leaves every leaf as it is, -0 included.
      base: new Float64Array(tree.outputs).fill(-0),
      sum: "f64",
    });
    return { predict: { value, scalar: tree.outputs === 1 } };
  },
};

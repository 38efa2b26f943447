// DecisionTree* and ExtraTree*: the value of one leaf. Source: sklearn/tree/_classes.py.
import type { ValueId } from "../../../model/value.ts";
import { answeredLists, classLists } from "../class-labels.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { attribute, type Instance, pathOf } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { logOf } from "../probabilities.ts";
import { type FittedTree, readTree } from "../tree.ts";
import { assertClasses, classLeaf, type LeafWriter, probabilityLeaf } from "../tree-leaves.ts";
import { shortName, treeInput, treeTakesNaN } from "../tree-rules.ts";

type ToOps = EstimatorRecord["toOps"];

function treeRecord(name: string, toOps: ToOps): EstimatorRecord {
  return {
    name,
    classes: [`sklearn.tree._classes.${name}`, `sklearn.tree.tree.${name}`],
    fitted: ["tree_"],
    exactness: "exact",
    input: (self) => numericInput(self, { nullable: treeTakesNaN(self) }),
    toOps,
  };
}

const regress: ToOps = (self, input, context) => {
  const tree = readTree(attribute(self, "tree_"), pathOf(self, "tree_"));
  const value = leafOf(tree, checked(self, input, context), { self, context, width: tree.outputs });
  return { predict: { value, scalar: tree.outputs === 1 } };
};

const classify: ToOps = (self, input, context): Methods => {
  const { graph } = context;
  const tree = readTree(attribute(self, "tree_"), pathOf(self, "tree_"));
  const counts = classLists(self).map((list) => list.length);
  const labels = answeredLists(self);
  assertClasses(self, tree, counts);
  const rows = checked(self, input, context);
  const leaf = (width: number, writer: LeafWriter): ValueId =>
    leafOf(tree, rows, { self, context, width, leaf: writer });
  const classes = leaf(counts.length, classLeaf(counts));
  const probabilities = leaf(
    counts.reduce((sum, count) => sum + count, 0),
    probabilityLeaf(self, counts),
  );
  return {
    ...(labels === null
      ? {}
      : {
          predict: {
            value: graph.add({ kind: "label", inputs: [classes], rule: "index", labels }),
            scalar: counts.length === 1,
          },
        }),
    ...probabilityMethods(probabilities, counts, context),
  };
};

/** `predict_proba` and its logarithm; several outputs are a list. */
export function probabilityMethods(value: ValueId, counts: readonly number[], { graph }: BuildContext): Methods {
  const shape = counts.length === 1 ? { scalar: false } : { scalar: false, widths: counts };
  return {
    predict_proba: { value, ...shape },
    predict_log_proba: { value: logOf(graph, value), ...shape },
  };
}

function checked(self: Instance, input: ValueId, context: BuildContext): ValueId {
  return treeInput(input, { estimator: shortName(self), takesNaN: treeTakesNaN(self), context });
}

interface LeafOptions {
  readonly self: Instance;
  readonly context: BuildContext;
  readonly width: number;
  readonly leaf?: LeafWriter;
}

function leafOf(tree: FittedTree, rows: ValueId, { self, context, width, leaf }: LeafOptions): ValueId {
  return context.graph.add({
    kind: "forest",
    inputs: [rows],
    ...forestArrays([tree], {
      path: self.path,
      width: tree.features,
      leafWidth: width,
      ...(leaf === undefined ? {} : { leaf }),
    }),
    rule: "le",
    targets: null,
    // -0 is the one number that leaves every leaf as it is, -0 included.
    base: new Float64Array(width).fill(-0),
    sum: "f64",
  });
}

export const decisionTreeClassifier: EstimatorRecord = treeRecord("DecisionTreeClassifier", classify);
export const decisionTreeRegressor: EstimatorRecord = treeRecord("DecisionTreeRegressor", regress);
export const extraTreeClassifier: EstimatorRecord = treeRecord("ExtraTreeClassifier", classify);
export const extraTreeRegressor: EstimatorRecord = treeRecord("ExtraTreeRegressor", regress);

export const decisionTrees: readonly EstimatorRecord[] = [
  decisionTreeClassifier,
  decisionTreeRegressor,
  extraTreeClassifier,
  extraTreeRegressor,
];

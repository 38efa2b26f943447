// RandomForest* and ExtraTrees*: the mean of the trees' leaves, added in tree order, divided once.
// RandomTreesEmbedding names the leaves instead. Source: sklearn/ensemble/_forest.py.
import { answeredLists, classLists } from "../class-labels.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { attribute, attributeError, pathOf } from "../instance.ts";
import { firstMember, memberTrees } from "../member-trees.ts";
import { featureCount, numericInput } from "../numeric-input.ts";
import { assertClasses, probabilityLeaf } from "../tree-leaves.ts";
import { forestTakesNaN, shortName, treeInput } from "../tree-rules.ts";
import { probabilityMethods } from "./decision-trees.ts";

type ToOps = EstimatorRecord["toOps"];

function forestRecord(name: string, toOps: ToOps): EstimatorRecord {
  return {
    name,
    classes: [`sklearn.ensemble._forest.${name}`, `sklearn.ensemble.forest.${name}`],
    fitted: ["estimators_"],
    exactness: "exact",
    note: "as with n_jobs=1; with more jobs the library itself adds in arrival order",
    input: (self, opener) => numericInput(self, { nullable: forestTakesNaN(self, firstMember(self, opener)) }),
    toOps,
  };
}

const regress: ToOps = (self, input, context) => {
  const { graph } = context;
  const members = memberTrees(self, context);
  const outputs = members[0]?.tree.outputs ?? 1;
  if (members.some(({ tree }) => tree.outputs !== outputs || tree.valueWidth !== outputs)) {
    throw attributeError(self, "estimators_", "its trees differ in their outputs");
  }
  const sum = graph.add({
    kind: "forest",
    inputs: [checkedRows(self, input, context)],
    ...forestArrays(
      members.map(({ tree }) => tree),
      { path: pathOf(self, "estimators_"), width: featureCount(self), leafWidth: outputs },
    ),
    rule: "le",
    targets: null,
    base: new Float64Array(outputs),
    sum: "f64",
  });
  const value = graph.add({ kind: "divide", inputs: [sum], divisor: members.length });
  return { predict: { value, scalar: outputs === 1 } };
};

const classify: ToOps = (self, input, context) => {
  const { graph } = context;
  const members = memberTrees(self, context);
  const counts = classLists(self).map((list) => list.length);
  const labels = answeredLists(self);
  for (const { instance, tree } of members) assertClasses(instance, tree, counts);
  const width = counts.reduce((sum, count) => sum + count, 0);
  const sum = graph.add({
    kind: "forest",
    inputs: [checkedRows(self, input, context)],
    ...forestArrays(
      members.map(({ tree }) => tree),
      {
        path: pathOf(self, "estimators_"),
        width: featureCount(self),
        leafWidth: width,
        leaf: probabilityLeaf(self, counts),
      },
    ),
    rule: "le",
    targets: null,
    base: new Float64Array(width),
    sum: "f64",
  });
  const value = graph.add({ kind: "divide", inputs: [sum], divisor: members.length });
  return {
    ...(labels === null
      ? {}
      : {
          predict: {
            value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels }),
            scalar: counts.length === 1,
          },
        }),
    ...probabilityMethods(value, counts, context),
  };
};

const checkedRows = (...[self, input, context]: Parameters<ToOps>): number =>
  treeInput(input, {
    estimator: shortName(self),
    takesNaN: forestTakesNaN(self, firstMember(self, context)),
    context,
  });

/** The leaf that each tree ends in, one-hot encoded. */
const embed: ToOps = (self, input, context) => {
  const members = memberTrees(self, context);
  const leaves = context.graph.add({
    kind: "forest",
    inputs: [checkedRows(self, input, context)],
    ...forestArrays(
      members.map(({ tree }) => tree),
      {
        path: pathOf(self, "estimators_"),
        width: featureCount(self),
        leafWidth: 1,
        leaf: (_tree, node, { leaves: numbers, at }) => {
          numbers[at] = node;
        },
      },
    ),
    rule: "le",
    targets: Int32Array.from(members.keys()),
    base: new Float64Array(members.length),
    sum: "f64",
  });
  const encoder = context.open(attribute(self, "one_hot_encoder_"), pathOf(self, "one_hot_encoder_"), self);
  const { transform } = encoder.record.toOps(encoder.instance, leaves, context);
  if (transform === undefined) throw attributeError(self, "one_hot_encoder_", "an encoder was expected");
  return { transform };
};

export const forests: readonly EstimatorRecord[] = [
  forestRecord("RandomForestClassifier", classify),
  forestRecord("RandomForestRegressor", regress),
  forestRecord("ExtraTreesClassifier", classify),
  forestRecord("ExtraTreesRegressor", regress),
  forestRecord("RandomTreesEmbedding", embed),
];

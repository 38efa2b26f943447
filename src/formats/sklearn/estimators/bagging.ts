// BaggingClassifier and BaggingRegressor: the mean of what its members answer, each from its own columns.
// Source: sklearn/ensemble/_bagging.py.
import { trimaranError } from "../../../base/errors.ts";
import type { Label } from "../../../data/predictions.ts";
import type { ValueId } from "../../../model/value.ts";
import { classList, labelIndex } from "../class-labels.ts";
import {
  addAll,
  forestRows,
  type Member,
  type MemberForest,
  memberForest,
  memberRows,
  members,
} from "../ensemble-members.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { attributeError, type Instance, integerOf, pathOf } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { logOf, step } from "../probabilities.ts";
import { probabilityLeaf } from "../tree-leaves.ts";

function classesOf(name: string): readonly string[] {
  return [`sklearn.ensemble._bagging.${name}`, `sklearn.ensemble.bagging.${name}`];
}

export const baggingRegressor: EstimatorRecord = {
  name: "BaggingRegressor",
  classes: classesOf("BaggingRegressor"),
  fitted: ["estimators_", "estimators_features_"],
  exactness: "exact",
  note: "as exact as its members; as with n_jobs=1",
  input: (self) => numericInput(self, { nullable: true }),
  toOps(self, input, context) {
    const all = members(self, context);
    const forest = memberForest(self, all);
    if (forest !== null) return regressTrees(self, forest, { input, context });
    const answers = all.map((member) => {
      const methods = member.record.toOps(member.instance, memberRows(member, input, context), context);
      if (methods.predict === undefined) throw memberError(member, "a member that cannot predict");
      return methods.predict;
    });
    const value = meanOf(
      self,
      answers.map((answer) => answer.value),
      context,
    );
    return { predict: { value, scalar: answers[0]?.scalar ?? true } };
  },
};

interface TreeOptions {
  readonly input: ValueId;
  readonly context: BuildContext;
}

function regressTrees(self: Instance, forest: MemberForest, { input, context }: TreeOptions): Methods {
  const outputs = forest.trees[0]?.outputs ?? 1;
  if (forest.trees.some((tree) => tree.valueWidth !== outputs)) {
    throw attributeError(self, "estimators_", "its trees differ in their outputs");
  }
  const rows = forestRows(self, forest, { input, context });
  const sum = context.graph.add({
    kind: "forest",
    inputs: [rows.value],
    ...forestArrays(forest.trees, { ...rows, path: forest.path, leafWidth: outputs }),
    rule: "le",
    targets: null,
    base: new Float64Array(outputs),
    sum: "f64",
  });
  const value = context.graph.add({ kind: "divide", inputs: [sum], divisor: memberCount(self, forest.trees.length) });
  return { predict: { value, scalar: outputs === 1 } };
}

export const baggingClassifier: EstimatorRecord = {
  name: "BaggingClassifier",
  classes: classesOf("BaggingClassifier"),
  fitted: ["estimators_", "estimators_features_", "classes_"],
  exactness: "exact",
  note: "as exact as its members; as with n_jobs=1",
  input: (self) => numericInput(self, { nullable: true }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    if (integerOf(self, "n_classes_", labels.length) !== labels.length) {
      throw attributeError(self, "classes_", "it does not fit n_classes_");
    }
    const all = members(self, context);
    const forest = memberForest(self, all);
    const opened = forest === null ? all.map((member) => openMember(member, input, context)) : [];
    const value =
      forest === null
        ? meanOf(
            self,
            opened.map((member) => memberProbabilities(member, labels.length, context)),
            context,
          )
        : classifyTrees(self, forest, { input, context, count: labels.length });
    return {
      predict: { value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }), scalar: true },
      predict_proba: { value, scalar: false },
      predict_log_proba: { value: logMean(opened, labels.length, context) ?? logOf(graph, value), scalar: false },
      ...decisions(self, opened, context),
    };
  },
};

function classifyTrees(self: Instance, forest: MemberForest, options: TreeOptions & { count: number }): ValueId {
  const { input, context, count } = options;
  const writers = forest.owners.map((owner) => {
    const columns = memberColumns(owner, classList(owner), count);
    return { columns, write: probabilityLeaf(owner, [columns.length]), row: new Float64Array(columns.length) };
  });
  const rows = forestRows(self, forest, { input, context });
  const sum = context.graph.add({
    kind: "forest",
    inputs: [rows.value],
    ...forestArrays(forest.trees, {
      ...rows,
      path: forest.path,
      leafWidth: count,
      leaf: (tree, node, place) => {
        const writer = writers[place.tree];
        if (writer === undefined || tree.valueWidth !== writer.row.length) {
          throw attributeError(self, "classes_", "it does not fit the trees");
        }
        writer.write(tree, node, { leaves: writer.row, at: 0, tree: place.tree });
        for (const [at, column] of writer.columns.entries()) place.leaves[place.at + column] = writer.row[at] as number;
      },
    }),
    rule: "le",
    targets: null,
    base: new Float64Array(count),
    sum: "f64",
  });
  return context.graph.add({ kind: "divide", inputs: [sum], divisor: memberCount(self, forest.trees.length) });
}

interface OpenMember {
  readonly member: Member;
  readonly methods: Methods;
  /** The member's own labels, which are positions among the ensemble's. */
  readonly labels: readonly Label[];
}

function openMember(member: Member, input: ValueId, context: BuildContext): OpenMember {
  const methods = member.record.toOps(member.instance, memberRows(member, input, context), context);
  const type = methods.predict === undefined ? undefined : context.graph.typeOf(methods.predict.value);
  const labels = type?.kind === "label" && type.labels.length === 1 ? type.labels[0] : undefined;
  if (labels === undefined) throw memberError(member, "a member that answers no single label");
  return { member, methods, labels };
}

/** Probabilities over all classes; a member without them votes. */
function memberProbabilities({ member, methods, labels }: OpenMember, count: number, { graph }: BuildContext): ValueId {
  const columns = memberColumns(member.instance, labels, count);
  const placed = new Float64Array(columns.length * count);
  for (const [at, column] of columns.entries()) placed[at * count + column] = 1;
  if (methods.predict_proba === undefined) {
    const vote = methods.predict?.value ?? 0;
    return graph.add({ kind: "lookup", inputs: [vote], width: count, table: placed });
  }
  if (columns.length === count) return methods.predict_proba.value;
  const weights = new Float64Array(count * columns.length);
  for (const [at, column] of columns.entries()) weights[column * columns.length + at] = 1;
  const { value } = methods.predict_proba;
  return graph.add({ kind: "affine", inputs: [value], weights, intercept: new Float64Array(count) });
}

/** The members' log probabilities added as the library adds them, where all of them know every class. */
function logMean(opened: readonly OpenMember[], count: number, { graph }: BuildContext): ValueId | null {
  const logs = opened.flatMap(({ methods, labels }) =>
    labels.length === count ? (methods.predict_log_proba ?? []) : [],
  );
  if (logs.length === 0 || logs.length !== opened.length) return null;
  const sum = logs
    .map(({ value }) => value)
    .reduce((total, value) => graph.add({ kind: "combine", inputs: [total, value], function: "logaddexp" }));
  const steps = [step("subtract", Math.log(logs.length))];
  return graph.add({ kind: "columnwise", inputs: [sum], steps, number: "f64" });
}

/** Members are fitted on the positions of the labels. */
function memberColumns(owner: Instance, labels: readonly Label[], count: number): readonly number[] {
  const positions = Array.from({ length: count }, (_, value): Label => ({ type: "integer", value }));
  return labels.map((label) => {
    const column = labelIndex(positions, label);
    if (column < 0) throw attributeError(owner, "classes_", `positions of ${count} classes were expected`);
    return column;
  });
}

/** The mean of the members' decision functions, where the members have one. */
function decisions(self: Instance, opened: readonly OpenMember[], context: BuildContext): Methods {
  const each = opened.flatMap(({ methods }) => methods.decision_function ?? []);
  const [first] = each;
  if (first === undefined || each.length !== opened.length) return {};
  const widths = new Set(each.map(({ value }) => widthOf(value, context)));
  if (widths.size !== 1) return {};
  const value = meanOf(
    self,
    each.map((answer) => answer.value),
    context,
  );
  return { decision_function: { value, scalar: first.scalar } };
}

function widthOf(value: ValueId, { graph }: BuildContext): number {
  const type = graph.typeOf(value);
  return type.kind === "dense" ? type.width : 0;
}

function meanOf(self: Instance, values: readonly ValueId[], context: BuildContext): ValueId {
  const divisor = memberCount(self, values.length);
  return context.graph.add({ kind: "divide", inputs: [addAll(values, context)], divisor });
}

/** The library divides by its parameter, which must be the number of members. */
function memberCount(self: Instance, count: number): number {
  const asked = integerOf(self, "n_estimators", count);
  if (asked !== count) throw attributeError(self, "n_estimators", `it says ${asked}, but there are ${count} members`);
  return count;
}

function memberError({ instance }: Member, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(instance, "predict"), what, nearest: "" });
}

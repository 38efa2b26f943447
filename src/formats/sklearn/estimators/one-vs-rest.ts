// OneVsRestClassifier: one estimator a class, and _ConstantPredictor where a class was always or never there.
// Source: sklearn/multiclass.py.
import type { Label } from "../../../data/predictions.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { toLabels } from "../../numpy/to-labels.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  type Instance,
  instanceOf,
  itemsOf,
  numberOf,
  pathOf,
  stringOf,
  wrote,
} from "../instance.ts";
import {
  answerOf,
  columnOf,
  type Member,
  memberInput,
  openMembers,
  positiveScore,
  sideBySide,
} from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";
import { bothClasses, step } from "../probabilities.ts";

export const oneVsRestClassifier: EstimatorRecord = {
  name: "OneVsRestClassifier",
  classes: ["sklearn.multiclass.OneVsRestClassifier"],
  fitted: ["estimators_", "label_binarizer_"],
  exactness: "near",
  takesTables: true,
  input(self, opener) {
    const items = itemsOf(self, "estimators_");
    const at = items.findIndex((item) => instanceOf(item, "", self)?.className !== constantClass);
    if (at < 0) return numericInput(self);
    return memberInput(self, { value: items[at], path: `${pathOf(self, "estimators_")}[${at}]` }, opener);
  },
  toOps(self, input, context): Methods {
    const { graph } = context;
    const { labels, type } = binarizerOf(self);
    const members = openMembers("estimators_", { owner: self, input, context });
    // Two classes, or one, have a single estimator.
    const single = type !== "multiclass" && !type.startsWith("multilabel");
    if (single ? members.length !== 1 || labels.length > 2 : members.length !== labels.length) {
      throw attributeError(self, "estimators_", "it does not fit the classes of label_binarizer_");
    }
    const scores = members.map((member) => positiveScore(graph, member));
    const value = sideBySide(
      graph,
      scores.map((score) => score.value),
    );
    const thresholds = scores.map((score) => score.threshold);
    if (type === "multiclass") {
      const predict = bestLabel(graph, value, { labels, last: !wrote(self, 1, 8) });
      return {
        predict: { value: predict, scalar: true },
        ...scoreMethods(graph, members, { self, multilabel: false }),
      };
    }
    const threshold = step("greater", thresholds[0] ?? 0);
    const chosen = graph.add({ kind: "columnwise", inputs: [value], steps: [threshold], number: "f64" });
    const multilabel = type.startsWith("multilabel");
    const lists = multilabel ? members.map(() => zeroAndOne) : [labels];
    return {
      predict: {
        value: graph.add({ kind: "label", inputs: [chosen], rule: "index", labels: lists }),
        scalar: !multilabel,
      },
      ...scoreMethods(graph, members, { self, multilabel }),
    };
  },
};

const constantClass = "sklearn.multiclass._ConstantPredictor";

/** Answers `y_` for every row. */
export const constantPredictor: EstimatorRecord = {
  name: "_ConstantPredictor",
  classes: [constantClass],
  fitted: ["y_"],
  exactness: "exact",
  takesTables: true,
  input: (self) => numericInput(self),
  toOps(self, input, { graph }): Methods {
    const array = isArray(attribute(self, "y_"))
      ? toFloat64(arrayOf(self, "y_"))
      : Float64Array.of(numberOf(self, "y_"));
    const y = array[0] ?? 0;
    const constant = (...numbers: number[]): ValueId =>
      graph.add({ kind: "constant", inputs: [input], numbers: Float64Array.from(numbers), number: "f64" });
    const zero = graph.add({ kind: "constant", inputs: [input], numbers: Float64Array.of(0), number: "i64" });
    const label = { type: "integer" as const, value: y };
    return {
      predict: { value: graph.add({ kind: "label", inputs: [zero], rule: "index", labels: [[label]] }), scalar: true },
      decision_function: { value: constant(y), scalar: true },
      predict_proba: { value: constant(1 - y, y), scalar: false },
    };
  },
};

const zeroAndOne: readonly Label[] = [0, 1].map((value) => ({ type: "integer", value }));

/** `classes_` and `y_type_` of the label binarizer. */
function binarizerOf(self: Instance): { readonly labels: readonly Label[]; readonly type: string } {
  const binarizer = instanceOf(attribute(self, "label_binarizer_"), pathOf(self, "label_binarizer_"), self);
  if (binarizer === undefined) throw attributeError(self, "label_binarizer_", "an object was expected");
  return { labels: toLabels(arrayOf(binarizer, "classes_")), type: stringOf(binarizer, "y_type_") };
}

/** Until 1.7 the last of equal scores won. */
function bestLabel(
  graph: GraphBuilder,
  scores: ValueId,
  { labels, last }: { readonly labels: readonly Label[]; readonly last: boolean },
): ValueId {
  if (!last) return graph.add({ kind: "label", inputs: [scores], rule: "argmax", labels: [labels] });
  const columns = Int32Array.from(labels, (_, at) => labels.length - 1 - at);
  const turned = graph.add({ kind: "select", inputs: [scores], columns });
  return graph.add({ kind: "label", inputs: [turned], rule: "argmax", labels: [labels.toReversed()] });
}

function scoreMethods(
  graph: GraphBuilder,
  members: readonly Member[],
  { self, multilabel }: { readonly self: Instance; readonly multilabel: boolean },
): Methods {
  const decides = members.every((member) => member.methods.decision_function?.scalar === true);
  const decisions = decides ? members.map((member) => answerOf(member, "decision_function")) : [];
  const chances = members.every((member) => member.methods.predict_proba !== undefined)
    ? members.map((member) => columnOf(graph, answerOf(member, "predict_proba"), 1))
    : [];
  return {
    ...(decisions.length === 0
      ? {}
      : { decision_function: { value: sideBySide(graph, decisions), scalar: decisions.length === 1 } }),
    ...(chances.length === 0
      ? {}
      : { predict_proba: { value: shares(graph, chances, { self, multilabel }), scalar: false } }),
  };
}

/** Each class's probability, over their sum where they exclude one another. From 1.7 on a row of zeros stays. */
function shares(
  graph: GraphBuilder,
  chances: readonly ValueId[],
  { self, multilabel }: { readonly self: Instance; readonly multilabel: boolean },
): ValueId {
  const value = sideBySide(graph, chances);
  const all = chances.length === 1 ? bothClasses(graph, value) : value;
  if (multilabel) return all;
  if (wrote(self, 1, 7)) return graph.add({ kind: "normalize_rows", inputs: [all], norm: "l1" });
  return graph.add({ kind: "normalize_sum", inputs: [all], zero: "nan" });
}

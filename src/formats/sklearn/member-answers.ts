// The answers of estimators that stand inside of another one, and what becomes of them: numbers of labels, scores of the
// positive class, sums and means.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { MethodName } from "../../model/predictor.ts";
import type { ValueId } from "../../model/value.ts";
import type { PyValue } from "../pickle/tree.ts";
import { applyEstimator } from "./apply-estimator.ts";
import type { BuildContext, Methods, Opener } from "./estimator.ts";
import { attribute, has, type Instance, itemsOf, pathOf } from "./instance.ts";
import { numericInput } from "./numeric-input.ts";

export interface Member {
  readonly path: string;
  readonly name: string;
  readonly instance: Instance;
  readonly methods: Methods;
}

interface Place {
  readonly owner: Instance;
  readonly input: ValueId;
  readonly context: BuildContext;
}

export function openMember(value: PyValue | undefined, path: string, { owner, input, context }: Place): Member {
  const opened = context.open(value, path, owner);
  const methods = applyEstimator(opened, input, context);
  return { path, name: opened.record.name, instance: opened.instance, methods };
}

/** Every estimator in a list attribute. @throws MODEL_UNSUPPORTED when it is empty */
export function openMembers(name: string, place: Place): readonly Member[] {
  const items = itemsOf(place.owner, name);
  const path = pathOf(place.owner, name);
  if (items.length === 0) throw unsupported(path, "an empty list of estimators");
  return items.map((item, at) => openMember(item, `${path}[${at}]`, place));
}

/** What a nested estimator takes, under the names that the outer one was fitted on. */
export function memberInput(
  self: Instance,
  { value, path }: { readonly value: PyValue | undefined; readonly path: string },
  opener: Opener,
): ModelInput {
  const { instance, record } = opener.open(value, path, self);
  const input = record.input(instance, opener);
  const renames = input.kind === "matrix" && !input.named && has(self, "feature_names_in_");
  return renames ? numericInput(self, { width: input.columns.length }) : input;
}

/** As `memberInput`, of the first in a list attribute. */
export function firstInput(self: Instance, name: string, opener: Opener): ModelInput {
  return memberInput(self, { value: itemsOf(self, name)[0], path: `${pathOf(self, name)}[0]` }, opener);
}

/** As `memberInput`, of an attribute. */
export function attributeInput(self: Instance, name: string, opener: Opener): ModelInput {
  return memberInput(self, { value: attribute(self, name), path: pathOf(self, name) }, opener);
}

/** @throws MODEL_UNSUPPORTED when the estimator lacks the method, or answers several outputs */
export function answerOf(member: Member, method: MethodName): ValueId {
  const answer = member.methods[method];
  if (answer === undefined) throw unsupported(member.path, `${member.name} here (it has no ${method})`);
  if (answer.widths !== undefined) throw unsupported(member.path, `${member.name} with several outputs here`);
  return answer.value;
}

/** The labels that `predict` answers, or undefined where it answers numbers. */
export function labelsOf(graph: GraphBuilder, value: ValueId): readonly Label[] | undefined {
  const type = graph.typeOf(value);
  return type.kind === "label" && type.labels.length === 1 ? type.labels[0] : undefined;
}

/** Labels as the numbers that they are; numbers stay. `typed`: whole numbers keep their type. */
export function labelNumbers(graph: GraphBuilder, member: Member, typed = false): ValueId {
  const value = answerOf(member, "predict");
  if (graph.typeOf(value).kind === "dense") return value;
  const labels = labelsOf(graph, value);
  if (labels === undefined || labels.some((label) => label.type === "string")) {
    throw unsupported(member.path, `${member.name} whose labels are no numbers here`);
  }
  const table = Float64Array.from(labels, (label) => Number(label.value));
  const number = typed && labels.every((label) => label.type === "integer") ? "i64" : "f64";
  return graph.add({ kind: "lookup", inputs: [value], width: 1, table, number });
}

/** The positions of labels in their own list. */
export function labelCodes(graph: GraphBuilder, member: Member): ValueId {
  const value = answerOf(member, "predict");
  const labels = labelsOf(graph, value);
  if (labels === undefined) throw unsupported(member.path, `${member.name} with several outputs here`);
  const table = Float64Array.from(labels.keys());
  return graph.add({ kind: "lookup", inputs: [value], width: 1, table, number: "i64" });
}

export interface PositiveScore {
  readonly value: ValueId;
  /** Above it the positive class wins. */
  readonly threshold: number;
}

/** `_predict_binary`: a regressor's prediction, the decision, or the probability of the second class. */
export function positiveScore(graph: GraphBuilder, member: Member): PositiveScore {
  const { predict, decision_function: decision } = member.methods;
  if (predict !== undefined && graph.typeOf(predict.value).kind === "dense") {
    return { value: answerOf(member, "predict"), threshold: 0.5 };
  }
  if (decision?.scalar === true) return { value: decision.value, threshold: 0 };
  return { value: columnOf(graph, answerOf(member, "predict_proba"), 1), threshold: 0.5 };
}

export function columnOf(graph: GraphBuilder, value: ValueId, column: number): ValueId {
  return graph.add({ kind: "select", inputs: [value], columns: Int32Array.of(column) });
}

/** In order, from the first on. */
export function sumOf(graph: GraphBuilder, values: readonly ValueId[]): ValueId {
  return values.reduce((sum, value) => graph.add({ kind: "combine", inputs: [sum, value], function: "add" }));
}

export function sideBySide(graph: GraphBuilder, values: readonly ValueId[]): ValueId {
  return values.length === 1 ? (values[0] as ValueId) : graph.add({ kind: "concat", inputs: values });
}

export function unsupported(path: string, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path, what, nearest: "" });
}

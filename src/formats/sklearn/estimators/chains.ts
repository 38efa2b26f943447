// RegressorChain and ClassifierChain: each estimator sees the answers of those before it. Source: sklearn/multioutput.py.
import type { MethodName } from "../../../model/predictor.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  type Instance,
  itemsOf,
  pathOf,
  scalarOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { answerOf, columnOf, labelNumbers, type Member, openMember, unsupported } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";

function chain(name: string, methods: readonly MethodName[]): EstimatorRecord {
  return {
    name,
    classes: [`sklearn.multioutput.${name}`],
    fitted: ["estimators_", "order_"],
    exactness: "near",
    input: (self, opener) => {
      const { instance, record } = opener.open(
        itemsOf(self, "estimators_")[0],
        `${pathOf(self, "estimators_")}[0]`,
        self,
      );
      const input = record.input(instance, opener);
      if (input.kind !== "matrix") throw unsupported(pathOf(self, "estimators_"), "a chain over anything but numbers");
      return numericInput(self, { width: input.columns.length });
    },
    toOps: (self, input, context) => chainMethods(self, input, { context, methods }),
  };
}

function chainMethods(
  self: Instance,
  input: ValueId,
  { context, methods }: { readonly context: BuildContext; readonly methods: readonly MethodName[] },
): Methods {
  const { graph } = context;
  const members: Member[] = [];
  const before: ValueId[] = [];
  const handsOn = stringOf(self, "chain_method_", "predict");
  for (const [at, item] of itemsOf(self, "estimators_").entries()) {
    const own = before.length === 0 ? input : graph.add({ kind: "concat", inputs: [input, ...before] });
    const path = `${pathOf(self, "estimators_")}[${at}]`;
    const member = openMember(item, path, { owner: self, input: own, context });
    members.push(member);
    before.push(outputOf(member, handsOn, context));
  }
  const order = orderOf(self, members.length);
  // Column o of the answer is the estimator whose place in the order is o.
  const columns = Int32Array.from(order, (_, output) => order.indexOf(output));
  const answers: Partial<Record<MethodName, { value: ValueId; scalar: boolean }>> = {};
  for (const method of methods) {
    // ClassifierChain has it from 1.4 on.
    if (method === "predict_log_proba" && !wrote(self, 1, 4)) continue;
    if (members.some((member) => member.methods[method] === undefined)) continue;
    const all = graph.add({ kind: "concat", inputs: members.map((member) => outputOf(member, method, context)) });
    answers[method] = { value: graph.add({ kind: "select", inputs: [all], columns }), scalar: false };
  }
  return answers;
}

function outputOf(member: Member, method: string, { graph }: BuildContext): ValueId {
  switch (method) {
    case "predict":
      return labelNumbers(graph, member);
    case "predict_proba":
    case "predict_log_proba":
      return columnOf(graph, answerOf(member, method), 1);
    case "decision_function":
      return answerOf(member, method);
    default:
      throw unsupported(member.path, `a chain that hands ${method} on`);
  }
}

function orderOf(self: Instance, count: number): readonly number[] {
  const order = isArray(attribute(self, "order_"))
    ? [...toFloat64(arrayOf(self, "order_"))]
    : itemsOf(self, "order_").map((item) => Number(scalarOf(item)));
  const sorted = order.toSorted((a, b) => a - b);
  if (order.length !== count || sorted.some((place, at) => place !== at)) {
    throw attributeError(self, "order_", `an order of ${count} outputs was expected`);
  }
  return order;
}

export const regressorChain: EstimatorRecord = chain("RegressorChain", ["predict"]);
export const classifierChain: EstimatorRecord = chain("ClassifierChain", [
  "predict",
  "predict_proba",
  "predict_log_proba",
  "decision_function",
]);

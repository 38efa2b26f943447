// How composition hands a value to an opened estimator: tables as numbers, unless it takes them as they are.
import type { ValueId } from "../../model/value.ts";
import type { BuildContext, Methods, OpenedEstimator } from "./estimator.ts";

export function applyEstimator(opened: OpenedEstimator, input: ValueId, context: BuildContext): Methods {
  const { instance, record } = opened;
  const isTable = context.graph.typeOf(input).kind === "table";
  const taken =
    isTable && record.takesTables !== true ? context.graph.add({ kind: "table_numbers", inputs: [input] }) : input;
  return record.toOps(instance, taken, context);
}

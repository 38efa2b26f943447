// Pipeline: each step transforms, the last one answers. Source: sklearn/pipeline.py.

import { trimaranError } from "../../../base/errors.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { ValueId } from "../../../model/value.ts";
import { isNode, type PyValue } from "../../pickle/tree.ts";
import type { BuildContext, EstimatorRecord, Methods, Opener } from "../estimator.ts";
import { attributeError, type Instance, itemsOf, pathOf } from "../instance.ts";

export const pipeline: EstimatorRecord = {
  name: "Pipeline",
  classes: ["sklearn.pipeline.Pipeline"],
  fitted: ["steps"],
  exactness: "exact",
  note: "as exact as its steps",
  input: (self, opener) => chainInput(pipelineSteps(self), opener, self),
  toOps: (self, input, context) => chainOps(pipelineSteps(self), input, { context, owner: self }),
};

export interface Step {
  readonly path: string;
  readonly value: PyValue;
}

/** `steps` is a list of (name, estimator); None and "passthrough" do nothing. */
function pipelineSteps(self: Instance): readonly Step[] {
  const steps: Step[] = [];
  for (const [index, item] of itemsOf(self, "steps").entries()) {
    const value = isNode(item) && item.kind === "tuple" && item.items.length === 2 ? item.items[1] : undefined;
    if (value === undefined) throw attributeError(self, "steps", `item ${index} is not a (name, estimator) pair`);
    if (value === null || value === "passthrough") continue;
    steps.push({ path: `${pathOf(self, "steps")}[${index}]`, value });
  }
  if (steps.length === 0) throw attributeError(self, "steps", "it holds no estimator");
  return steps;
}

/** What the first of several steps takes. */
export function chainInput(steps: readonly Step[], opener: Opener, owner: Instance | null): ModelInput {
  const [first] = steps;
  const { instance, record } = opener.open(first?.value, first?.path ?? "", owner);
  return record.input(instance, opener);
}

/** Steps one after another; the methods are those of the last. @throws MODEL_UNSUPPORTED when a step cannot transform */
export function chainOps(
  steps: readonly Step[],
  input: ValueId,
  { context, owner }: { context: BuildContext; owner: Instance | null },
): Methods {
  let value = input;
  for (const [index, step] of steps.entries()) {
    const { instance, record } = context.open(step.value, step.path, owner);
    const methods = record.toOps(instance, value, context);
    if (index === steps.length - 1) return methods;
    if (methods.transform === undefined) {
      const what = `${record.name} as a step before the last (it cannot transform)`;
      throw trimaranError("MODEL_UNSUPPORTED", { path: step.path, what, nearest: "" });
    }
    value = methods.transform.value;
  }
  return {};
}

// Pipeline: each step transforms, the last one answers. imbalanced-learn's own pipeline does the same once it is fitted.
// Source: sklearn/pipeline.py, imblearn/pipeline.py.

import { trimaranError } from "../../../base/errors.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { ValueId } from "../../../model/value.ts";
import { isNode, type PyValue } from "../../pickle/tree.ts";
import { applyEstimator } from "../apply-estimator.ts";
import type { BuildContext, EstimatorRecord, Methods, NextInput, Opener } from "../estimator.ts";
import { attributeError, type Instance, itemsOf, pathOf } from "../instance.ts";

export const pipeline: EstimatorRecord = {
  name: "Pipeline",
  classes: ["sklearn.pipeline.Pipeline", "imblearn.pipeline.Pipeline"],
  fitted: ["steps"],
  exactness: "exact",
  note: "as exact as its steps; samplers of imbalanced-learn do nothing once they are fitted",
  takesTables: true,
  input: (self, opener, next) => chainInput(pipelineSteps(self), { opener, owner: self, next }),
  toOps(self, input, context): Methods {
    const methods = chainOps(pipelineSteps(self), input, { context, owner: self });
    // A pipeline whose last step does nothing only transforms.
    return endsInNothing(self) ? { transform: methods.transform ?? { value: input, scalar: false } } : methods;
  },
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
    if (isNothing(value)) continue;
    steps.push({ path: `${pathOf(self, "steps")}[${index}]`, value });
  }
  if (steps.length === 0) throw attributeError(self, "steps", "it holds no estimator");
  return steps;
}

function endsInNothing(self: Instance): boolean {
  const last = itemsOf(self, "steps").at(-1);
  return isNode(last) && last.kind === "tuple" && isNothing(last.items[1]);
}

function isNothing(value: PyValue | undefined): boolean {
  return value === null || value === "passthrough";
}

interface ChainInputOptions {
  readonly opener: Opener;
  readonly owner: Instance | null;
  /** What the step behind the chain takes. */
  readonly next?: NextInput | undefined;
}

/** What the first of several steps takes. */
export function chainInput(steps: readonly Step[], { opener, owner, next }: ChainInputOptions): ModelInput {
  const inputFrom = (index: number): ModelInput | null => {
    const step = steps[index];
    if (step === undefined) return next?.() ?? null;
    const { instance, record } = opener.open(step.value, step.path, owner);
    return record.input(instance, opener, () => inputFrom(index + 1));
  };
  const input = inputFrom(0);
  if (input === null)
    throw trimaranError("MODEL_UNSUPPORTED", { path: "", what: "a chain without steps", nearest: "" });
  return input;
}

/** Steps one after another; the methods are those of the last. @throws MODEL_UNSUPPORTED when a step cannot transform */
export function chainOps(
  steps: readonly Step[],
  input: ValueId,
  { context, owner }: { context: BuildContext; owner: Instance | null },
): Methods {
  let value = input;
  for (const [index, step] of steps.entries()) {
    const opened = context.open(step.value, step.path, owner);
    const following = steps[index + 1];
    const behind =
      following === undefined
        ? {}
        : {
            behind: {
              step: opened.instance,
              next: context.open(following.value, following.path, owner).instance,
            },
          };
    const methods = applyEstimator(opened, value, { ...context, ...behind });
    if (index === steps.length - 1) return methods;
    if (methods.transform === undefined) {
      const what = `${opened.record.name} as a step before the last (it cannot transform)`;
      throw trimaranError("MODEL_UNSUPPORTED", { path: step.path, what, nearest: "" });
    }
    value = methods.transform.value;
  }
  return {};
}

// FeatureUnion: every member sees all columns; results side by side. Source: sklearn/pipeline.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import { isNode, type PyValue } from "../../pickle/tree.ts";
import { applyEstimator } from "../apply-estimator.ts";
import { passedInput } from "../checked-numbers.ts";
import type { EstimatorRecord, Opener } from "../estimator.ts";
import { attributeError, type Instance, itemsOf, pathOf } from "../instance.ts";
import { mergedInput, usesOf } from "../merge-inputs.ts";
import { memberWeight, sideBySide, weighted } from "../side-by-side.ts";

export const featureUnion: EstimatorRecord = {
  name: "FeatureUnion",
  classes: ["sklearn.pipeline.FeatureUnion"],
  fitted: ["transformer_list"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input(self, opener, next) {
    const all = members(self).filter(({ estimator }) => estimator !== "passthrough");
    const inputs = all.map((member) => memberInput(member, opener, self));
    const [first] = inputs;
    if (first === undefined) return passedInput(self, next);
    if (first.kind === "records") return first;
    const uses = inputs.map((input) => usesOf(input) ?? []);
    if (uses.some((own) => own.length !== first.columns.length)) {
      throw attributeError(self, "transformer_list", "its members take columns of other counts");
    }
    const named = inputs.find((input) => input.kind !== "records" && input.named) ?? first;
    const names = (named.kind === "records" ? first : named).columns.map(({ name }) => name);
    const byColumn = names.map((_, index) => uses.flatMap((own) => own[index] ?? []));
    return mergedInput({ names, named: named.kind !== "records" && named.named, uses: byColumn, unused: "number" });
  },
  toOps(self, input, context) {
    const { graph } = context;
    const parts = members(self).map(({ name, path, estimator }) => {
      const weight = memberWeight(self, name);
      if (estimator === "passthrough") return weighted(input, weight, { graph, path });
      const opened = context.open(estimator, path, self);
      const output = applyEstimator(opened, input, context).transform;
      if (output === undefined) {
        const what = `${opened.record.name} in a FeatureUnion (it cannot transform)`;
        throw trimaranError("MODEL_UNSUPPORTED", { path, what, nearest: "" });
      }
      return weighted(output.value, weight, { graph, path });
    });
    // One sparse member makes the whole sparse.
    const sparse = parts.some((part) => graph.typeOf(part).kind === "sparse");
    return { transform: { value: sideBySide(self, parts, { graph, sparse }), scalar: false } };
  },
};

interface Member {
  readonly name: string;
  readonly path: string;
  readonly estimator: PyValue;
}

/** `transformer_list` is a list of (name, transformer); None and "drop" leave out. */
function members(self: Instance): readonly Member[] {
  return itemsOf(self, "transformer_list").flatMap((item, index): readonly Member[] => {
    const [name, estimator] = isNode(item) && item.kind === "tuple" ? item.items : [];
    if (typeof name !== "string" || estimator === undefined) {
      throw attributeError(self, "transformer_list", `item ${index} is not a (name, transformer) pair`);
    }
    if (estimator === null || estimator === "drop") return [];
    return [{ name, path: `${pathOf(self, "transformer_list")}[${index}]`, estimator }];
  });
}

function memberInput({ estimator, path }: Member, opener: Opener, self: Instance): ModelInput {
  const { instance, record } = opener.open(estimator, path, self);
  return record.input(instance, opener, () => null);
}

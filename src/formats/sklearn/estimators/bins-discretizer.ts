// KBinsDiscretizer: the number of the bin that a number falls into. Source: sklearn/preprocessing/_discretization.py.
import { trimaranError } from "../../../base/errors.ts";
import { isArray, readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { checkedNumbers } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { attributeError, type Instance, itemsOf, pathOf, stringOf, wrote } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";

export const kBinsDiscretizer: EstimatorRecord = {
  name: "KBinsDiscretizer",
  classes: ["sklearn.preprocessing._discretization.KBinsDiscretizer"],
  fitted: ["bin_edges_", "n_bins_"],
  exactness: "exact",
  input: (self) => numericInput(self, { width: itemsOf(self, "bin_edges_").length }),
  toOps(self, input, { graph }) {
    const all = binEdges(self);
    // Until 1.0 a number just below an edge counted as on it.
    const rule = wrote(self, 1, 1) ? "plain" : "nudged";
    const checked = checkedNumbers(self, input, { graph, allowNaN: false });
    const edges = all.map((own) => own.slice(1, -1));
    const bins = graph.add({ kind: "bins", inputs: [checked], edges, rule });
    const encode = stringOf(self, "encode");
    if (encode === "ordinal") return { transform: { value: bins, scalar: false } };
    const widths = all.map((own) => own.length - 1);
    const sparse = graph.add({ kind: "one_hot", inputs: [bins], widths, number: "f64" });
    if (encode === "onehot") return { transform: { value: sparse, scalar: false } };
    if (encode !== "onehot-dense") throw attributeError(self, "encode", "it is none of the library's ways");
    return { transform: { value: graph.add({ kind: "densify", inputs: [sparse], repeated: "last" }), scalar: false } };
  },
};

function binEdges(self: Instance): readonly Float64Array[] {
  return itemsOf(self, "bin_edges_").map((item, index) => {
    const path = `${pathOf(self, "bin_edges_")}[${index}]`;
    if (!isArray(item)) throw trimaranError("MODEL_ATTRIBUTE", { path, problem: "an array was expected" });
    const edges = toFloat64(readArray(item, path));
    if (edges.length < 2) throw trimaranError("MODEL_ATTRIBUTE", { path, problem: "two edges or more were expected" });
    return edges;
  });
}

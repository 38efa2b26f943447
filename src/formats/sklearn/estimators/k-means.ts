// KMeans and MiniBatchKMeans: the nearest centre, and the distances to all of them. Source: sklearn/cluster/_kmeans.py.
import type { Label } from "../../../data/predictions.ts";
import { densePlain, matrixOf, singleEntries } from "../dense-matrix.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { wrote } from "../instance.ts";
import { finiteInput } from "../linear-scores.ts";
import { nearestWeights } from "../nearest-weights.ts";
import { numericInput } from "../numeric-input.ts";

export const kMeans: readonly EstimatorRecord[] = ["KMeans", "MiniBatchKMeans"].map((name) => ({
  name,
  classes: [`sklearn.cluster._kmeans.${name}`, `sklearn.cluster.k_means_.${name}`],
  fitted: ["cluster_centers_"],
  exactness: "loose",
  note: "distances are measured, not expanded into products, and so are closer to the truth; labels are near",
  input: (self) => numericInput(self, { width: matrixOf(self, "cluster_centers_").columns }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const { values: centers, rows: count } = matrixOf(self, "cluster_centers_");
    const finite = singleEntries(graph, finiteInput(self, input, context));
    // The nearest centre has the largest 2 x·c − |c|².
    const products = graph.add({ kind: "affine", inputs: [finite], ...nearestWeights(centers, count) });
    const inputs = [densePlain(graph, finite)] as const;
    const value = graph.add({ kind: "distances", inputs, points: centers, count, metric: { name: "euclidean" } });
    // Until 0.22 the distances themselves were compared, of which several may be infinite.
    const scores = wrote(self, 0, 23) ? products : graph.add({ kind: "map", inputs: [value], function: "negative" });
    return {
      predict: {
        value: graph.add({ kind: "label", inputs: [scores], rule: "argmax", labels: [countedLabels(count)] }),
        scalar: true,
      },
      transform: { value, scalar: false },
    };
  },
}));

/** 0, 1, 2, … */
export function countedLabels(count: number): readonly Label[] {
  return Array.from({ length: count }, (_, value) => ({ type: "integer", value }));
}

// KMeans and MiniBatchKMeans: the nearest centre, and the distances to all of them. Source: sklearn/cluster/_kmeans.py.
import type { Label } from "../../../data/predictions.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { densePlain, matrixOf, singleEntries } from "../dense-matrix.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  has,
  type Instance,
  instanceOf,
  integerOf,
  pathOf,
  wrote,
} from "../instance.ts";
import { finiteInput } from "../linear-scores.ts";
import { nearestWeights } from "../nearest-weights.ts";
import { numericInput } from "../numeric-input.ts";
import { step } from "../probabilities.ts";

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

export const bisectingKMeans: EstimatorRecord = {
  name: "BisectingKMeans",
  classes: ["sklearn.cluster._bisect_k_means.BisectingKMeans"],
  fitted: ["cluster_centers_", "_bisecting_tree"],
  exactness: "loose",
  note: "as KMeans",
  input: (self) => numericInput(self, { width: matrixOf(self, "cluster_centers_").columns }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const { values: centers, rows: count, columns: width } = matrixOf(self, "cluster_centers_");
    const finite = finiteInput(self, input, context);
    const inputs = [densePlain(graph, finite)] as const;
    const value = graph.add({ kind: "distances", inputs, points: centers, count, metric: { name: "euclidean" } });
    const labels = [countedLabels(count)];
    const transform = { value, scalar: false };
    const { splits, leaves } = bisections(self, { width, count });
    if (splits.length === 0) {
      const only = graph.add({ kind: "constant", inputs: [value], numbers: Float64Array.of(0), number: "f64" });
      return {
        predict: { value: graph.add({ kind: "label", inputs: [only], rule: "argmax", labels }), scalar: true },
        transform,
      };
    }
    // Each split says whether its right centre is nearer; a leaf counts the splits that point away from it.
    const differences = splits.map((pair) => {
      const { weights, intercept } = nearestWeights(pair, 2);
      const weight = Float64Array.from(
        { length: width },
        (_, at) => (weights[width + at] as number) - (weights[at] as number),
      );
      return { weight, shift: (intercept[1] as number) - (intercept[0] as number) };
    });
    const nearer = graph.add({
      kind: "affine",
      inputs: [finite],
      weights: Float64Array.from(differences.flatMap(({ weight }) => [...weight])),
      intercept: Float64Array.from(differences, ({ shift }) => shift),
    });
    const rights = graph.add({ kind: "columnwise", inputs: [nearer], steps: [step("greater", 0)], number: "f64" });
    const weights = new Float64Array(count * splits.length);
    const intercept = new Float64Array(count);
    for (const { label, path } of leaves) {
      for (const { split, right } of path) {
        weights[label * splits.length + split] = right ? 1 : -1;
        if (right) intercept[label] = (intercept[label] as number) - 1;
      }
    }
    const scores = graph.add({ kind: "affine", inputs: [rights], weights, intercept });
    return {
      predict: { value: graph.add({ kind: "label", inputs: [scores], rule: "argmax", labels }), scalar: true },
      transform,
    };
  },
};

interface Leaf {
  readonly label: number;
  readonly path: readonly { readonly split: number; readonly right: boolean }[];
}

interface Bisections {
  /** The left and the right centre of each split, one after the other. */
  readonly splits: readonly Float64Array[];
  readonly leaves: readonly Leaf[];
}

/** `_bisecting_tree`, whose centres lie around `_X_mean`. */
function bisections(self: Instance, { width, count }: { readonly width: number; readonly count: number }): Bisections {
  const mean = has(self, "_X_mean") ? toFloat64(arrayOf(self, "_X_mean")) : new Float64Array(width);
  const splits: Float64Array[] = [];
  const leaves: Leaf[] = [];
  const open: { node: Instance; path: Leaf["path"] }[] = [{ node: childOf(self, "_bisecting_tree"), path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, path } = next;
    if (!has(node, "left")) {
      leaves.push({ label: integerOf(node, "label"), path });
      continue;
    }
    // A node that holds itself, or more nodes than clusters need.
    if (splits.length >= count - 1) throw attributeError(self, "_bisecting_tree", `it has more than ${count} leaves`);
    const [left, right] = [childOf(node, "left"), childOf(node, "right")];
    const centers = [left, right].map((child) => toFloat64(arrayOf(child, "center")));
    if (mean.length !== width || centers.some(({ length }) => length !== width)) {
      throw attributeError(node, "left", `centres of ${width} numbers were expected`);
    }
    const split = splits.length;
    splits.push(
      Float64Array.from(centers.flatMap((center) => [...center.map((value, at) => value + (mean[at] as number))])),
    );
    open.push(
      { node: right, path: [...path, { split, right: true }] },
      { node: left, path: [...path, { split, right: false }] },
    );
  }
  const labels = new Set(leaves.map(({ label }) => label));
  if (leaves.length !== count || labels.size !== count || leaves.some(({ label }) => label < 0 || label >= count)) {
    throw attributeError(self, "_bisecting_tree", `it must have ${count} leaves of different labels`);
  }
  return { splits, leaves };
}

function childOf(owner: Instance, name: string): Instance {
  const child = instanceOf(attribute(owner, name), pathOf(owner, name), owner);
  if (child === undefined) throw attributeError(owner, name, "a node of the tree was expected");
  return child;
}

/** 0, 1, 2, … */
export function countedLabels(count: number): readonly Label[] {
  return Array.from({ length: count }, (_, value) => ({ type: "integer", value }));
}

// What one member of AdaBoostClassifier contributes to each class, and the same for the leaves of a tree.
// Source: `decision_function` and `_samme_proba` in sklearn/ensemble/_weight_boosting.py.
import type { Label } from "../../data/predictions.ts";
import { pairwiseSum } from "../../engine/pairwise-sum.ts";
import { classList, labelIndex } from "./class-labels.ts";
import { attributeError, type Instance } from "./instance.ts";
import { type LeafWriter, largestClass, probabilityLeaf } from "./tree-leaves.ts";

export interface AdaBoostVotes {
  /**
   * - `vote`: the weight for the class that the member names
   * - `symmetric`: also -weight / (classes - 1) for every other class
   * - `log_probability`: SAMME.R, each class's log probability less their mean, times classes - 1
   * - `probability`: each class's probability times the weight
   */
  readonly kind: "vote" | "symmetric" | "log_probability" | "probability";
  readonly labels: readonly Label[];
  /** One a member. */
  readonly weights: Float64Array;
}

/** The votes of a member that names class `index`. */
export function treeVotes(
  index: number,
  { kind, count, weight }: { kind: "vote" | "symmetric"; count: number; weight: number },
): Float64Array {
  const other = kind === "symmetric" ? (-1 / (count - 1)) * weight : 0;
  const votes = new Float64Array(count).fill(other);
  if (index >= 0) votes[index] = weight;
  return votes;
}

/** Writes what the leaves of each member's tree contribute. @throws MODEL_ATTRIBUTE when its classes are others */
export function voteWriter(owners: readonly Instance[], { kind, labels, weights }: AdaBoostVotes): LeafWriter {
  const count = labels.length;
  const places = owners.map((owner) => classList(owner).map((label) => labelIndex(labels, label)));
  const row = new Float64Array(count);
  return (tree, node, place) => {
    const owner = owners[place.tree];
    const classes = places[place.tree];
    if (owner === undefined || classes === undefined || tree.valueWidth !== classes.length) {
      throw attributeError(owner ?? (owners[0] as Instance), "classes_", "it does not fit the tree");
    }
    const weight = weights[place.tree] ?? 0;
    if (kind === "vote" || kind === "symmetric") {
      const index = classes[largestClass(tree, node, { output: 0, count: classes.length })] ?? -1;
      place.leaves.set(treeVotes(index, { kind, count, weight }), place.at);
      return;
    }
    if (classes.length !== count) throw attributeError(owner, "classes_", `${count} classes were expected`);
    probabilityLeaf(owner, [count])(tree, node, { leaves: row, at: 0, tree: place.tree });
    const numbers = kind === "probability" ? row.map((p) => p * weight) : logVotes(row);
    place.leaves.set(numbers, place.at);
  };
}

function logVotes(probabilities: Float64Array): Float64Array {
  const count = probabilities.length;
  const logs = probabilities.map((p) => Math.log(Math.max(p, 2 ** -52)));
  const mean = (1 / count) * pairwiseSum(logs, 0, count);
  return logs.map((log) => (count - 1) * (log - mean));
}

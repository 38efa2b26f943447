// A LightGBM text file of random trees: a large model without Python.
import { writeFileSync } from "node:fs";

export interface RandomForestFile {
  readonly trees: number;
  /** Leaves a tree. */
  readonly leaves: number;
  readonly features: number;
}

/** Numbers in [0, 1), the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Answers how many bytes the file has. */
export function writeRandomForest(file: string, { trees, leaves, features }: RandomForestFile): number {
  const random = randomNumbers(7);
  const names = Array.from({ length: features }, (_, at) => `f${at}`);
  const text = [
    "tree",
    "version=v4",
    "num_class=1",
    "num_tree_per_iteration=1",
    "label_index=0",
    `max_feature_idx=${features - 1}`,
    "objective=regression",
    `feature_names=${names.join(" ")}`,
    `feature_infos=${names.map(() => "[0:1]").join(" ")}`,
    "",
  ];
  for (let tree = 0; tree < trees; tree++) text.push(treeText(tree, { leaves, features, random }));
  text.push(
    "end of trees",
    "",
    "parameters:",
    "[boosting: gbdt]",
    "end of parameters",
    "",
    "pandas_categorical:null",
    "",
  );
  const bytes = Buffer.from(text.join("\n"));
  writeFileSync(file, bytes);
  return bytes.length;
}

/** A complete tree in level order: children of node n are 2n + 1 and 2n + 2, and the last nodes are leaves. */
function treeText(
  tree: number,
  { leaves, features, random }: { leaves: number; features: number; random: () => number },
): string {
  const splits = leaves - 1;
  const list = <Value>(count: number, make: (at: number) => Value): string =>
    Array.from({ length: count }, (_, at) => make(at)).join(" ");
  const child = (node: number): number => (node < splits ? node : -1 - (node - splits));
  return [
    `Tree=${tree}`,
    `num_leaves=${leaves}`,
    "num_cat=0",
    `split_feature=${list(splits, () => Math.floor(random() * features))}`,
    `split_gain=${list(splits, () => 1)}`,
    `threshold=${list(splits, () => random())}`,
    `decision_type=${list(splits, () => 2)}`,
    `left_child=${list(splits, (at) => child(2 * at + 1))}`,
    `right_child=${list(splits, (at) => child(2 * at + 2))}`,
    `leaf_value=${list(leaves, () => random() - 0.5)}`,
    `leaf_weight=${list(leaves, () => 1)}`,
    `leaf_count=${list(leaves, () => 1)}`,
    `internal_value=${list(splits, () => 0)}`,
    `internal_weight=${list(splits, () => 1)}`,
    `internal_count=${list(splits, () => 2)}`,
    "is_linear=0",
    "shrinkage=1",
    "",
    "",
  ].join("\n");
}

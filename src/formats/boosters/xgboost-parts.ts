// What a file of XGBoost says, whatever its container: parameters, trees as they stand, attributes.
import type { Label } from "../../data/predictions.ts";

export interface XgboostTree {
  /** Where it stands in the file, for errors. */
  readonly path: string;
  /** -1: the node is a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Int32Array;
  /** The threshold of a split, the number of a leaf. */
  readonly condition: Float64Array;
  readonly defaultLeft: Uint8Array;
  readonly cover: Float64Array | null;
  /** The categories that go right, by node. */
  readonly categories: ReadonlyMap<number, Float64Array>;
  /** Several numbers a leaf, row-major; null: a leaf holds one. */
  readonly vectors: XgboostVectors | null;
  /** How many nodes pruning left behind, which nothing reaches. */
  readonly deleted: number;
}

export interface XgboostVectors {
  readonly width: number;
  readonly values: Float64Array;
  /** A leaf's row: its node's number, or what stands in place of its right child. */
  readonly row: "node" | "right";
}

export interface XgboostParts {
  /** The library that wrote it; zeros before 1.0. */
  readonly version: readonly [number, number, number];
  readonly objective: string;
  /** In the space of answers, one for all outputs or one each. */
  readonly baseScore: Float64Array;
  readonly width: number;
  readonly outputs: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly featureNames: readonly string[];
  readonly featureTypes: readonly string[];
  /** The categories of each column that the file itself keeps; null for columns of numbers. */
  readonly categories: readonly (readonly Label[] | null)[] | null;
  readonly trees: readonly XgboostTree[];
  /** The output that each tree adds to. */
  readonly targets: Int32Array;
  /** What dart multiplies each tree with. */
  readonly weights: Float64Array | null;
  /** Dart is a booster of its own, as until 3.0; predicting in place then rounds otherwise. */
  readonly isOldDart: boolean;
  /** Where each round's trees begin; one more than rounds. */
  readonly rounds: Int32Array;
}

/** No model that people train comes near these; what goes beyond would only take memory. */
export const maxFeatures: number = 1 << 20;
export const maxOutputs: number = 1 << 16;
export const maxTrees: number = 1 << 24;

export function isSince({ version }: XgboostParts, major: number, minor: number): boolean {
  return version[0] > major || (version[0] === major && version[1] >= minor);
}

/** Where each round's trees begin, when every round has as many. */
export function evenRounds(trees: number, perRound: number): Int32Array {
  const rounds = Math.ceil(trees / Math.max(1, perRound));
  return Int32Array.from({ length: rounds + 1 }, (_, round) => Math.min(trees, round * perRound));
}

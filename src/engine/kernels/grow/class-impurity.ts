// Gini and entropy of class counts, and the score of a split of them: what the node's impurity loses is largest where minus the
// weighted impurity of both sides is. Source: sklearn/tree/_criterion.pyx.

export interface ClassImpurity {
  /** Of `classCount` counts from `at`, which sum to `weight`. */
  of(counts: Float64Array, at: number, weight: number): number;
}

export function gini(classCount: number): ClassImpurity {
  return {
    of(counts, at, weight) {
      let squares = 0;
      for (let label = 0; label < classCount; label++) squares += counts[at + label] * counts[at + label];
      return 1 - squares / (weight * weight);
    },
  };
}

export function entropy(classCount: number): ClassImpurity {
  return {
    of(counts, at, weight) {
      let sum = 0;
      for (let label = 0; label < classCount; label++) {
        const count = counts[at + label];
        if (count > 0) sum -= (count / weight) * Math.log2(count / weight);
      }
      return sum;
    },
  };
}

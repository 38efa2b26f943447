// Where ours answers otherwise than MLflow's own server, and why. Whatever is not listed here must be the same.

export interface Difference {
  /** What ours answers. */
  readonly status: number;
  readonly why: string;
}

const exact = "Python changes the number without a word; a wrong answer is worse than a refusal";
const empty = "no rows are no mistake: there are no predictions for them";
const byName = "both sides have the names, so the columns find their places";
const rows = "scikit-learn takes no dictionaries, which is what MLflow makes of rows; ours answers them";

export const allowedDifferences: Readonly<Record<string, Difference>> = {
  "regressor: a fraction in an integer": { status: 400, why: exact },
  "regressor: an integer beyond 2^53": { status: 400, why: exact },
  "regressor: a key twice": { status: 400, why: "which of the two was meant cannot be known" },
  "mixed: text in the boolean column": { status: 400, why: "Python takes every text for true" },
  "regressor: no rows": { status: 200, why: empty },
  "regressor: CSV without rows": { status: 200, why: empty },
  "one: a scalar": { status: 200, why: "a plain list belongs to the only column, and so does a plain value" },
  "names: another order": { status: 200, why: byName },
  "names: inputs by row": { status: 200, why: rows },
  "names: instances by row": { status: 200, why: rows },
  "tensor: by column": { status: 200, why: "the columns stand in the order in which they were sent" },
  "tensor: CSV": { status: 200, why: "MLflow's reader of CSV fails on every tensor signature" },
};

// Every estimator that is read, in one list; the allow-list of classes is derived from it.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";
import type { EstimatorRecord } from "./estimator.ts";
import { decisionTreeRegressor } from "./estimators/decision-tree-regressor.ts";
import { dictVectorizer } from "./estimators/dict-vectorizer.ts";
import { linearRegression } from "./estimators/linear-regression.ts";
import { pipeline } from "./estimators/pipeline.ts";
import { randomForestRegressor } from "./estimators/random-forest-regressor.ts";
import { treeClasses } from "./tree.ts";

export const estimatorTable: readonly EstimatorRecord[] = [
  dictVectorizer,
  linearRegression,
  decisionTreeRegressor,
  randomForestRegressor,
  pipeline,
];

/** The classes that a file of scikit-learn may name. */
export const sklearnNames: readonly AllowedGlobal[] = [
  ...estimatorTable.flatMap((record) => record.classes),
  ...treeClasses,
].flatMap((className) => {
  const { module, name } = splitClassName(className);
  return allow(module, "construct", name);
});

/** `a.b.C` → module `a.b`, name `C`. */
export function splitClassName(className: string): { module: string; name: string } {
  const dot = className.lastIndexOf(".");
  return { module: className.slice(0, dot), name: className.slice(dot + 1) };
}

// The supported estimator whose name comes nearest to one that is not supported.
import { closestName } from "../../base/did-you-mean.ts";
import type { EstimatorRecord } from "./estimator.ts";

/** A supported estimator with nearly the same name, or one that shares a telling word (`Forest`, `Scaler`), or `""`. */
export function nearestEstimator(name: string, table: readonly EstimatorRecord[]): string {
  const names = table.map((record) => record.name);
  return closestName(name, names)?.name ?? sharingWords(name, names);
}

/** Words that half of all estimators have say nothing alone. */
const plainWords: ReadonlySet<string> = new Set([
  "Regressor",
  "Regression",
  "Classifier",
  "CV",
  "Model",
  "Custom",
  "My",
]);

function sharingWords(name: string, names: readonly string[]): string {
  const words = new Set(wordsOf(name));
  let [best, most] = ["", 0];
  for (const each of names) {
    const own = wordsOf(each);
    const shared = own.filter((word) => words.has(word));
    if (shared.every((word) => plainWords.has(word))) continue;
    const share = shared.length / (own.length + words.size);
    if (share > most) [best, most] = [each, share];
  }
  return best;
}

function wordsOf(name: string): readonly string[] {
  return name.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g) ?? [];
}

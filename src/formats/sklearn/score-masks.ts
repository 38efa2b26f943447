// Which columns the univariate selections keep, from their scores or p-values.
// Source: sklearn/feature_selection/_univariate_selection.py, numpy.percentile.

/** The `count` highest scores; among equal ones the later columns. */
export function mostOf(scores: readonly number[], count: number): readonly boolean[] {
  if (count <= 0) return scores.map(() => false);
  const order = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const kept = new Set(order.slice(-count));
  return scores.map((_, column) => kept.has(column));
}

/** Scores above the percentile, and of those on it as many of the first columns as there is room for. */
export function percentileOf(scores: readonly number[], percentile: number): readonly boolean[] {
  if (percentile === 100) return scores.map(() => true);
  if (percentile === 0) return scores.map(() => false);
  const threshold = quantile(scores, (100 - percentile) / 100);
  const above = scores.map((score) => score > threshold);
  let room = Math.trunc((scores.length * percentile) / 100) - above.filter(Boolean).length;
  return scores.map((score, column) => above[column] === true || (score === threshold && room-- > 0));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
  const rest = place - below;
  return rest >= 0.5 ? high - (high - low) * (1 - rest) : low + (high - low) * rest;
}

/** p < alpha. */
export function lowestErrors(pValues: readonly number[], alpha: number): readonly boolean[] {
  return pValues.map((p) => p < alpha);
}

/** Benjamini and Hochberg: up to the largest p that is at most alpha · rank / count. */
export function lowestRates(pValues: readonly number[], alpha: number): readonly boolean[] {
  const sorted = pValues.toSorted((a, b) => a - b);
  const passing = sorted.filter((p, at) => p <= (alpha / sorted.length) * (at + 1));
  const most = passing.at(-1);
  return pValues.map((p) => most !== undefined && p <= most);
}

/** p < alpha / count. */
export function fewestErrors(pValues: readonly number[], alpha: number): readonly boolean[] {
  return pValues.map((p) => p < alpha / pValues.length);
}

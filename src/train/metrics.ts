// How good answers are against the truth. Source of the definitions: sklearn/metrics/_regression.py, _classification.py,
// _ranking.py.

/** In the target's own unit. `r2` is null for fewer than two rows. */
export interface RegressionMetrics {
  readonly rmse: number;
  readonly mae: number;
  readonly r2: number | null;
}

/** `auc` is the area under the ROC curve, of several classes the mean of one against the rest; null where a class lacks rows. */
export interface ClassificationMetrics {
  readonly log_loss: number;
  readonly auc: number | null;
  readonly accuracy: number;
}

/** Both of the same length, which is not 0. */
export function regressionMetrics(truth: Float64Array, answers: Float64Array): RegressionMetrics {
  const count = truth.length;
  const mean = truth.reduce((sum, value) => sum + value, 0) / count;
  let squares = 0;
  let absolute = 0;
  let spread = 0;
  for (let row = 0; row < count; row++) {
    const value = truth[row] as number;
    const error = value - (answers[row] as number);
    squares += error * error;
    absolute += Math.abs(error);
    spread += (value - mean) ** 2;
  }
  const share = spread === 0 ? (squares === 0 ? 1 : 0) : 1 - squares / spread;
  return { rmse: Math.sqrt(squares / count), mae: absolute / count, r2: count < 2 ? null : share };
}

/** `truth`: positions of classes; `probabilities`: row-major, one a class. */
export function classificationMetrics(
  truth: Float64Array,
  probabilities: Float64Array,
  classCount: number,
): ClassificationMetrics {
  const count = truth.length;
  let loss = 0;
  let right = 0;
  for (let row = 0; row < count; row++) {
    const own = probabilities.subarray(row * classCount, (row + 1) * classCount);
    const label = truth[row] as number;
    loss -= Math.log(Math.min(Math.max(own[label] as number, Number.EPSILON), 1));
    if (own.indexOf(largest(own)) === label) right++;
  }
  return { log_loss: loss / count, auc: meanAuc(truth, probabilities, classCount), accuracy: right / count };
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

function meanAuc(truth: Float64Array, probabilities: Float64Array, classCount: number): number | null {
  const areaOf = (label: number): number | null => {
    const scores = Float64Array.from(truth, (_, row) => probabilities[row * classCount + label] as number);
    return auc(
      truth.map((each) => (each === label ? 1 : 0)),
      scores,
    );
  };
  if (classCount === 2) return areaOf(1);
  let sum = 0;
  for (let label = 0; label < classCount; label++) {
    const area = areaOf(label);
    if (area === null) return null;
    sum += area;
  }
  return sum / classCount;
}

/** The share of pairs (one of either class) in which the positive row has the higher score; equal scores count half. */
function auc(positive: Float64Array, scores: Float64Array): number | null {
  const order = Int32Array.from(scores.keys()).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  let below = 0;
  let positives = 0;
  let wins = 0;
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at] as number] as number;
    let plus = 0;
    let minus = 0;
    for (; at < order.length && scores[order[at] as number] === score; at++) {
      if (positive[order[at] as number] === 1) plus++;
      else minus++;
    }
    wins += plus * (below + minus / 2);
    below += minus;
    positives += plus;
  }
  const pairs = positives * below;
  return pairs === 0 ? null : wins / pairs;
}

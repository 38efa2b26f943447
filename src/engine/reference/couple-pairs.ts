// couple_pairs, plainly, with the iteration, its start and its stop as libsvm has them.
import { denseInput, type KernelMaker } from "../kernel.ts";

export const couplePairs: KernelMaker<"couple_pairs"> =
  ({ classes, margin }) =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = new Float64Array(frame.rowCount * classes);
    for (let row = 0; row < frame.rowCount; row++) {
      const pairs = x.slice(row * width, (row + 1) * width).map((value) => kept(value, margin));
      const found = coupled(pairMatrix(pairs, classes), classes);
      values.set(found, row * classes);
    }
    return { kind: "dense", width: classes, values };
  };

function kept(value: number, margin: number): number {
  const least = value > margin ? value : margin;
  return least < 1 - margin ? least : 1 - margin;
}

/** r[i][j]: how probable class i is against class j. */
function pairMatrix(pairs: ArrayLike<number>, classes: number): Float64Array {
  const r = new Float64Array(classes * classes);
  for (let i = 0, at = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, at++) {
      r[i * classes + j] = pairs[at] as number;
      r[j * classes + i] = 1 - (pairs[at] as number);
    }
  }
  return r;
}

function coupled(r: Float64Array, k: number): Float64Array {
  const q = quadraticForm(r, k);
  const p = new Float64Array(k).fill(1 / k);
  const qp = new Float64Array(k);
  const mostRounds = Math.max(100, k);
  for (let round = 0; round < mostRounds; round++) {
    let pqp = 0;
    for (let t = 0; t < k; t++) {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += (q[t * k + j] as number) * (p[j] as number);
      qp[t] = sum;
      pqp += (p[t] as number) * sum;
    }
    let worst = 0;
    for (const value of qp) worst = Math.max(worst, Math.abs(value - pqp));
    if (worst < 0.005 / k) break;
    for (let t = 0; t < k; t++) {
      const own = q[t * k + t] as number;
      const change = (-(qp[t] as number) + pqp) / own;
      p[t] = (p[t] as number) + change;
      pqp = (pqp + change * (change * own + 2 * (qp[t] as number))) / (1 + change) / (1 + change);
      for (let j = 0; j < k; j++) {
        qp[j] = ((qp[j] as number) + change * (q[t * k + j] as number)) / (1 + change);
        p[j] = (p[j] as number) / (1 + change);
      }
    }
  }
  return p;
}

function quadraticForm(r: Float64Array, k: number): Float64Array {
  const q = new Float64Array(k * k);
  for (let t = 0; t < k; t++) {
    for (let j = 0; j < k; j++) {
      if (j === t) continue;
      const against = r[j * k + t] as number;
      q[t * k + t] = (q[t * k + t] as number) + against * against;
      q[t * k + j] = j < t ? (q[j * k + t] as number) : -against * (r[t * k + j] as number);
    }
  }
  return q;
}

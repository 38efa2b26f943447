// Random forests and rows for the kernel tests, from a seed, with the values that go wrong easily: ties, NaN, -0, infinities.
import type { FloatType, ForestArrays } from "../../../src/engine/kernels/forest-arrays.ts";

export interface ForestPlan {
  readonly seed: number;
  readonly trees: number;
  readonly width: number;
  readonly depth: number;
  readonly rule?: "le" | "lt";
  /** `none`: the forest has no missingLeft at all. */
  readonly missing?: "none" | "left" | "right" | "both";
  readonly outputs?: number;
  /** Each tree adds to one output. */
  readonly targeted?: boolean;
  readonly sum?: FloatType;
  /** Features from here on are asked `> 0.5` only. */
  readonly indicatorsFrom?: number;
  /** One long branch instead of a bush. */
  readonly degenerate?: boolean;
  readonly cover?: boolean;
}

export type Random = () => number;

/** mulberry32 */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers that thresholds and rows share, so that ties happen; some of them are not float32. */
const awkward = [0, -0, 0.1, -0.1, 0.5, 1, -1, 1e-50, -1e-50, 1e39, -1e39, 2 ** -149, Infinity, -Infinity, 16777217];

function numberFrom(random: Random): number {
  const pick = random();
  return pick < 0.4
    ? (awkward[Math.floor(random() * awkward.length)] as number)
    : Math.round((random() * 4 - 2) * 10) / 10;
}

/** Values as a model's input holds them: of type `number`, a tenth of them NaN. */
export function randomRows(
  count: number,
  { seed, number }: { seed: number; number: FloatType },
): Float64Array | Float32Array {
  const random = randomFrom(seed);
  const values = number === "f32" ? new Float32Array(count) : new Float64Array(count);
  for (let at = 0; at < count; at++) values[at] = random() < 0.1 ? Number.NaN : numberFrom(random);
  return values;
}

export function randomForest(plan: ForestPlan): ForestArrays {
  const random = randomFrom(plan.seed);
  const { trees, width, depth, outputs = 1, targeted = false, missing = "none" } = plan;
  const nodes = { feature: [] as number[], threshold: [] as number[], left: [] as number[], right: [] as number[] };
  const missingLeft: number[] = [];
  const cover: number[] = [];
  const roots = [0];
  const leafWidth = targeted ? 1 : outputs;
  let leafRows = 0;
  const node = (): number => {
    missingLeft.push(missing === "left" ? 1 : missing === "right" ? 0 : random() < 0.5 ? 1 : 0);
    cover.push(Math.ceil(random() * 100));
    nodes.left.push(-1);
    nodes.right.push(-1);
    nodes.threshold.push(0);
    return nodes.feature.push(-1) - 1;
  };
  const grow = (root: number): void => {
    const open: [number, number][] = [[root, 0]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [at, level] = next;
      const stop = level >= depth || (plan.degenerate !== true && level > 0 && random() < 0.15);
      if (stop) {
        nodes.left[at] = leafRows++;
        continue;
      }
      const feature = Math.floor(random() * width);
      nodes.feature[at] = feature;
      nodes.threshold[at] = feature >= (plan.indicatorsFrom ?? Infinity) ? 0.5 : numberFrom(random);
      const a = node();
      const b = node();
      [nodes.left[at], nodes.right[at]] = random() < 0.5 ? [a, b] : [b, a];
      open.push([a, level + 1]);
      if (plan.degenerate === true) nodes.left[b] = leafRows++;
      else open.push([b, level + 1]);
    }
  };
  for (let tree = 0; tree < trees; tree++) {
    grow(node());
    roots.push(nodes.feature.length);
  }
  return {
    roots: Int32Array.from(roots),
    feature: Int32Array.from(nodes.feature),
    threshold: Float64Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    missingLeft: missing === "none" ? null : Uint8Array.from(missingLeft),
    rule: plan.rule ?? "le",
    leaves: Float64Array.from({ length: leafRows * leafWidth }, () => random() * 2 - 1),
    leafWidth,
    targets: targeted ? Int32Array.from({ length: trees }, (_, tree) => tree % outputs) : null,
    base: Float64Array.from({ length: outputs }, () => random()),
    sum: plan.sum ?? "f64",
    cover: plan.cover === true ? Float64Array.from(cover) : null,
  };
}

// Every way through the kernels against the naive walk over the forest's own arrays, bit for bit.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FloatType, ForestArrays } from "../../../src/engine/kernels/forest-arrays.ts";
import { openForestKernel } from "../../../src/engine/kernels/forest-kernel.ts";
import { packForest } from "../../../src/engine/kernels/pack-forest.ts";
import { entry, type PackedForest } from "../../../src/engine/kernels/packed-forest.ts";
import { naiveSums } from "./naive-walk.ts";
import { type ForestPlan, randomForest, randomFrom, randomRows } from "./random-forest.ts";

type Numbers = Float64Array | Float32Array;

interface Case {
  readonly forest: ForestArrays;
  readonly width: number;
  readonly number: FloatType;
  readonly rowCount?: number;
  readonly rows?: Numbers;
}

function pack({ forest, width, number }: Case): PackedForest {
  const packed = packForest(forest, { width, number });
  assert.ok(packed !== null);
  return packed;
}

/** Dense and sparse rows, in batches and one by one, by both engines, with and without the chain. */
function assertSameBits(options: Case): PackedForest {
  const { forest, width, number, rowCount = 37 } = options;
  const rows = options.rows ?? randomRows(rowCount * width, { seed: 7, number });
  const expected = bitsOf(naiveSums(forest, rows, width));
  const packed = pack(options);
  const outputs = forest.base.length;
  const out = forest.sum === "f32" ? new Float32Array(rowCount * outputs) : new Float64Array(rowCount * outputs);
  const sparse = toSparse(rows, width);
  for (const engine of ["wasm", "plain"] as const) {
    for (const chain of packed.chain === null ? [false] : [true, false]) {
      const kernel = openForestKernel(packed, { engine, chain });
      assert.equal(kernel.engine, engine);
      const check = (way: string, predict: () => void): void => {
        out.fill(Number.NaN);
        predict();
        assert.deepEqual(bitsOf(out), expected, `${engine} ${way} chain ${chain}`);
      };
      check("dense", () => kernel.predictDense(rows, rowCount, out));
      check("rows", () => {
        for (let row = 0; row < rowCount; row++) {
          kernel.predictRow(
            rows.subarray(row * width, (row + 1) * width),
            out.subarray(row * outputs, (row + 1) * outputs),
          );
        }
      });
      check("few dense", () => {
        for (let row = 0; row < rowCount; row += 3) {
          const count = Math.min(3, rowCount - row);
          kernel.predictDense(rows.subarray(row * width), count, out.subarray(row * outputs));
        }
      });
      check("sparse", () => kernel.predictSparse(sparse, out));
      check("sparse rows", () => {
        for (let row = 0; row < rowCount; row++) {
          const start = sparse.indptr[row] as number;
          const end = sparse.indptr[row + 1] as number;
          kernel.predictSparseRow(
            {
              columns: sparse.indices.subarray(start, end),
              values: sparse.data.subarray(start, end),
              length: end - start,
            },
            out.subarray(row * outputs, (row + 1) * outputs),
          );
        }
      });
      check("sparse again", () => kernel.predictSparse(sparse, out));
    }
  }
  return packed;
}

function bitsOf(values: Numbers): BigInt64Array | Int32Array {
  return values instanceof Float64Array
    ? new BigInt64Array(values.buffer, values.byteOffset, values.length)
    : new Int32Array(values.buffer, values.byteOffset, values.length);
}

/** Leaves out zeros, but for some of them, and writes some columns twice, the last time with the value that counts. */
function toSparse(
  rows: Numbers,
  width: number,
): { rowCount: number; indptr: Int32Array; indices: Int32Array; data: Numbers } {
  const random = randomFrom(3);
  const rowCount = rows.length / width;
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < width; column++) {
      const value = rows[row * width + column] as number;
      if (Object.is(value, 0) && random() < 0.9) continue;
      if (row % 5 === 4 && random() < 0.05) {
        indices.push(column);
        data.push(1);
      }
      indices.push(column);
      data.push(value);
    }
    indptr.push(indices.length);
  }
  const values = rows instanceof Float64Array ? Float64Array.from(data) : Float32Array.from(data);
  return { rowCount, indptr: Int32Array.from(indptr), indices: Int32Array.from(indices), data: values };
}

const small: ForestPlan = { seed: 1, trees: 21, width: 9, depth: 6 };

for (const number of ["f32", "f64"] as const) {
  for (const rule of ["le", "lt"] as const) {
    for (const missing of ["none", "left", "right", "both"] as const) {
      test(`sums equal the naive walk's: ${number} rows, rule ${rule}, missing ${missing}`, () => {
        for (let seed = 0; seed < 12; seed++) {
          const forest = randomForest({ ...small, seed, rule, missing, cover: seed % 2 === 0 });
          assertSameBits({ forest, width: small.width, number });
        }
      });
    }
  }
}

test("sums in float32 are rounded after each addition", () => {
  for (let seed = 0; seed < 8; seed++) {
    const forest = randomForest({ ...small, seed, sum: "f32", rule: "lt", missing: "both" });
    assertSameBits({ forest, width: small.width, number: "f32" });
    const leaves = forest.leaves.map(Math.fround);
    assertSameBits({ forest: { ...forest, leaves }, width: small.width, number: "f32" });
  }
});

for (const sum of ["f64", "f32"] as const) {
  test(`leaves of several outputs are added output by output, sums in ${sum}`, () => {
    for (const outputs of [2, 3, 11]) {
      assertSameBits({ forest: randomForest({ ...small, outputs, sum }), width: small.width, number: "f32" });
    }
  });

  test(`a tree with a target adds to that output only, sums in ${sum}`, () => {
    for (const outputs of [2, 3, 7]) {
      const forest = randomForest({ ...small, outputs, targeted: true, sum, missing: "both" });
      assertSameBits({ forest, width: small.width, number: "f64" });
    }
  });
}

test("a tree that is only a leaf, a forest of them, and a forest without trees", () => {
  for (const trees of [0, 1, 3, 8, 16, 17]) {
    for (const number of ["f32", "f64"] as const) {
      assertSameBits({ forest: randomForest({ ...small, depth: 0, trees }), width: small.width, number });
      assertSameBits({ forest: randomForest({ ...small, depth: 0, trees, outputs: 3 }), width: small.width, number });
    }
  }
});

test("chains of a thousand splits", () => {
  for (const [number, missing] of [
    ["f32", "none"],
    ["f32", "both"],
    ["f64", "left"],
  ] as const) {
    for (const cover of [false, true]) {
      const forest = randomForest({ ...small, trees: 9, depth: 1000, degenerate: true, missing, cover });
      assertSameBits({ forest, width: small.width, number });
    }
  }
});

test("walks go on beyond the usual depth until all have arrived", () => {
  for (const number of ["f32", "f64"] as const) {
    const forest = randomForest({ ...small, trees: 20, depth: 14, width: 4, missing: "both" });
    const level = new Int32Array(forest.feature.length);
    for (let node = 0; node < level.length; node++) {
      if ((forest.feature[node] ?? -1) < 0) continue;
      for (const child of [forest.left[node] ?? 0, forest.right[node] ?? 0]) level[child] = (level[node] ?? 0) + 1;
    }
    // Training rows are said to have stopped at the sixth level; ours do not.
    const cover = Float64Array.from(level, (depth) => (depth <= 6 ? 1000 : 0.001));
    const packed = assertSameBits({ forest: { ...forest, cover }, width: 4, number, rowCount: 200 });
    const table = new Uint32Array(packed.bytes.buffer, packed.tableAt);
    assert.equal(table[entry.tail], 1);
    assert.equal(table[entry.groupTail], 1);
  }
});

test("rows wider than 64 columns, of which all or few are read", () => {
  for (const [width, trees] of [
    [65, 40],
    [300, 60],
    [5000, 5],
  ] as const) {
    const forest = randomForest({ ...small, width, trees, depth: 8, missing: "both" });
    assertSameBits({ forest, width, number: "f32" });
    assertSameBits({ forest: { ...forest, missingLeft: null }, width, number: "f32" });
  }
});

test("rows wider than 65,535 columns", () => {
  const width = 70_001;
  const forest = randomForest({ ...small, width, trees: 30, depth: 9 });
  assertSameBits({ forest, width, number: "f32", rowCount: 9 });
  assertSameBits({ forest, width, number: "f64", rowCount: 9 });
});

test("a forest that reads more than 65,535 columns, with steps too long for small nodes", () => {
  const width = 70_000;
  const chain = randomForest({ ...small, trees: 1, depth: width, degenerate: true });
  const feature = chain.feature.slice();
  let next = 0;
  for (let node = 0; node < feature.length; node++) if ((feature[node] as number) >= 0) feature[node] = next++;
  const bush = randomForest({ ...small, trees: 1, width, depth: 17, seed: 5 });
  const forest = joined({ ...chain, feature }, bush);
  const packed = assertSameBits({ forest, width, number: "f32", rowCount: 5 });
  assert.equal(packed.layout, "far");
});

/** The trees of one forest after those of another. */
function joined(a: ForestArrays, b: ForestArrays): ForestArrays {
  const nodes = a.feature.length;
  const leafRows = a.leaves.length / a.leafWidth;
  const left = b.left.map((child, node) => child + ((b.feature[node] as number) >= 0 ? nodes : leafRows));
  const right = b.right.map((child) => (child < 0 ? -1 : child + nodes));
  return {
    ...a,
    roots: Int32Array.from([...a.roots, ...b.roots.subarray(1).map((root) => root + nodes)]),
    feature: Int32Array.from([...a.feature, ...b.feature]),
    threshold: Float64Array.from([...a.threshold, ...b.threshold]),
    left: Int32Array.from([...a.left, ...left]),
    right: Int32Array.from([...a.right, ...right]),
    leaves: Float64Array.from([...a.leaves, ...b.leaves]),
  };
}

test("a forest larger than the cache, whose trees are scanned and walked sixteen at a time", () => {
  const forest = randomForest({ ...small, trees: 37, depth: 16, width: 12, cover: true });
  const packed = assertSameBits({ forest, width: 12, number: "f32", rowCount: 1200 });
  assert.equal(packed.groupSize, 16);
  assert.ok(packed.scanRows <= 1200);
});

test("more rows than one block, and a block that is not full", () => {
  const forest = randomForest({ ...small, trees: 3 });
  for (const rowCount of [4096, 4097, 9001]) assertSameBits({ forest, width: small.width, number: "f32", rowCount });
});

/** Rows of `hits` indicators each and three numbers before them. */
function indicatorRows(
  rowCount: number,
  width: number,
  { hits, values }: { hits: number; values: readonly number[] },
): Float32Array {
  const random = randomFrom(11);
  const rows = new Float32Array(rowCount * width);
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < 3; column++)
      rows[row * width + column] = random() < 0.1 ? Number.NaN : random() * 4 - 2;
    for (let hit = 0; hit < Math.ceil(random() * hits); hit++) {
      const value = values[Math.floor(random() * values.length)] as number;
      rows[row * width + 3 + Math.floor(random() * (width - 3))] = value;
    }
  }
  return rows;
}

for (const missing of ["none", "left", "both"] as const) {
  for (const rule of ["le", "lt"] as const) {
    test(`indicators are walked by blocks: rule ${rule}, missing ${missing}`, () => {
      for (const [hits, values] of [
        [3, [1]],
        [8, [1, 2, -1, 0]],
        [6, [1, 1, 1, 1, 1, 0.5, Number.NaN]],
        [14, [1]],
      ] as const) {
        for (const outputs of [1, 3]) {
          const width = 60;
          const plan: ForestPlan = {
            seed: hits,
            trees: 21,
            width,
            depth: 14,
            indicatorsFrom: 3,
            rule,
            missing,
            outputs,
          };
          const rows = indicatorRows(101, width, { hits, values });
          const packed = assertSameBits({ forest: randomForest(plan), width, number: "f32", rowCount: 101, rows });
          assert.ok(packed.chain !== null);
        }
      }
    });
  }
}

test("a forest of indicators larger than the cache is scanned by blocks too, and walked by nodes for one row", () => {
  const width = 60;
  const forest = randomForest({ ...small, trees: 40, width, depth: 15, indicatorsFrom: 3, cover: true });
  const rows = indicatorRows(1500, width, { hits: 4, values: [1] });
  const packed = assertSameBits({ forest, width, number: "f32", rowCount: 1500, rows });
  assert.ok(packed.chain !== null && packed.bytes.length - packed.chain.tableAt > 4 * 2 ** 20);
  assert.ok(packed.chain.scanRows <= 1500);
});

test("a tree that is only a leaf among trees of indicators", () => {
  const width = 40;
  const bush = randomForest({ ...small, width, depth: 10, indicatorsFrom: 3 });
  const forest = joined(bush, randomForest({ ...small, depth: 0, trees: 2 }));
  const rows = indicatorRows(33, width, { hits: 4, values: [1] });
  const packed = assertSameBits({ forest, width, number: "f32", rowCount: 33, rows });
  assert.ok(packed.chain !== null);
});

test("values in float64 are rounded to float32 before they are asked", () => {
  const forest = randomForest({ ...small, missing: "both" });
  const wide = Float64Array.from({ length: 16 * small.width }, (_, at) => (at % 13) * 0.1 - 0.6);
  const kernel = openForestKernel(pack({ forest, width: small.width, number: "f32" }));
  const out = new Float64Array(16);
  kernel.predictDense(wide, 16, out);
  assert.deepEqual(bitsOf(out), bitsOf(naiveSums(forest, Float32Array.from(wide), small.width)));
});

test("packed bytes can be cloned and opened in shared memory", () => {
  const forest = randomForest({ ...small, missing: "both" });
  const packed = structuredClone(pack({ forest, width: small.width, number: "f32" }));
  const rows = randomRows(50 * small.width, { seed: 2, number: "f32" });
  const out = new Float64Array(50);
  openForestKernel(packed, { shared: true, engine: "wasm" }).predictDense(rows, 50, out);
  assert.deepEqual(bitsOf(out), bitsOf(naiveSums(forest, rows, small.width)));
});

test("without WebAssembly the plain twin answers", () => {
  const host = globalThis.WebAssembly;
  const packed = pack({ forest: randomForest(small), width: small.width, number: "f32" });
  try {
    Reflect.deleteProperty(globalThis, "WebAssembly");
    assert.equal(openForestKernel(packed).engine, "plain");
    assert.throws(() => openForestKernel(packed, { engine: "wasm" }));
  } finally {
    globalThis.WebAssembly = host;
  }
});

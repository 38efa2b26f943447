// Forests with category sets and zeros that are missing by their fast kernels, against the plain walk: the same bits.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileGraph } from "../../src/engine/compile.ts";
import { categoryForest, placeCategories } from "../../src/engine/fast/category-forest.ts";
import { expandForest } from "../../src/engine/fast/expand-forest.ts";
import { CallFrame } from "../../src/engine/frame.ts";
import { openForestKernel } from "../../src/engine/kernels/forest-kernel.ts";
import { packForest } from "../../src/engine/kernels/pack-forest.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";
import type { ForestCategories, ForestOp } from "../../src/model/ops/forest.ts";

const width = 4;

/** Column 3 (and 2, where it is split so) holds categories; every tree is a full one of three levels. */
interface Recipe {
  readonly trees: number;
  readonly numbers: readonly number[];
  readonly bits: readonly number[];
  readonly byCategory: boolean;
  readonly zeros: boolean;
  readonly rightSets: boolean;
  readonly number: ForestCategories["number"];
  readonly negative: ForestCategories["negative"];
  readonly rule: "le" | "lt";
  readonly sum: "f64" | "f32";
}

function forestOf(recipe: Recipe): ForestOp {
  const { trees, numbers, bits } = recipe;
  const nodes = trees * 7;
  const pick = (i: number): number => numbers[i % numbers.length] ?? 0;
  const bit = (i: number): number => bits[i % bits.length] ?? 0;
  const inner = (node: number): boolean => node % 7 < 3;
  const column = (node: number): number => bit(node * 3 + 1) % width;
  const isSet = (node: number): boolean => inner(node) && recipe.byCategory && column(node) >= 2;
  const order = Array.from({ length: nodes }, (_, node) => node);
  const start = (node: number): number => node - (node % 7);
  const leafRow = (node: number): number => Math.floor(node / 7) * 4 + (node % 7) - 3;
  const child = (node: number, side: number): number => start(node) + 2 * (node % 7) + side;
  return {
    kind: "forest",
    inputs: [0],
    roots: Int32Array.from({ length: trees + 1 }, (_, tree) => tree * 7),
    feature: Int32Array.from(order, (node) => (inner(node) ? column(node) : -1)),
    threshold: Float64Array.from(order, (node) => (inner(node) ? pick(node) : 0)),
    left: Int32Array.from(order, (node) => (inner(node) ? child(node, 1) : leafRow(node))),
    right: Int32Array.from(order, (node) => (inner(node) ? child(node, 2) : -1)),
    missingLeft: Uint8Array.from(order, (node) => bit(node) & 1),
    zeroMissing: recipe.zeros ? Uint8Array.from(order, (node) => Number(!isSet(node) && (bit(node) & 2) > 0)) : null,
    categories: recipe.byCategory
      ? {
          left: Int32Array.from(order, (node) => (isSet(node) ? node % 2 : -1)),
          right: Int32Array.from(order, (node) => (isSet(node) && recipe.rightSets ? 2 : -1)),
          offsets: Int32Array.of(0, 1, 3, 4),
          words: Uint32Array.from({ length: 4 }, (_, i) => bit(i * 5) >>> 0),
          number: recipe.number,
          negative: recipe.negative,
        }
      : null,
    rule: recipe.rule,
    leaves: Float64Array.from({ length: trees * 4 }, (_, i) => pick(i * 3)),
    leafWidth: 1,
    targets: Int32Array.from({ length: trees }, (_, tree) => tree % 2),
    base: Float64Array.of(0.25, -0),
    sum: recipe.sum,
    cover: null,
  };
}

const recipes = fc.record<Recipe>({
  trees: fc.integer({ min: 1, max: 6 }),
  numbers: fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 70 })), {
    minLength: 5,
    maxLength: 20,
  }),
  bits: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 7, maxLength: 30 }),
  byCategory: fc.boolean(),
  zeros: fc.boolean(),
  rightSets: fc.boolean(),
  number: fc.constantFrom("integer", "byte"),
  negative: fc.constantFrom("missing", "outside", "convert"),
  rule: fc.constantFrom("le", "lt"),
  sum: fc.constantFrom("f64", "f32"),
});
const cells = fc.oneof(
  fc.double(),
  fc.integer({ min: -300, max: 300 }),
  fc.constantFrom(0, -0, 1e-36, -1e-36, 1e-34, 0.5, -0.5, 95.9, 96, 2 ** 31, 1e300, Number.NaN),
);

test("fast kernels answer what the plain walk answers, for every way to read categories", () => {
  fc.assert(
    fc.property(recipes, fc.array(cells, { minLength: width, maxLength: width * 40 }), (recipe, flat) => {
      const rowCount = Math.floor(flat.length / width);
      const values = Float64Array.from(flat.slice(0, rowCount * width));
      const op = forestOf(recipe);
      const columns = [0, 1, 2, 3].map((i) => ({ name: String(i), type: "number", nullable: true }) as const);
      const graph = graphBuilder({ kind: "matrix", named: false, columns });
      const value = graph.add(op);
      const model = graph.finish({ predict: { value, scalar: false } }, "predict");
      const batch = { kind: "matrix", rowCount, width, values } as const;
      const expected = compileGraph(model, { kernels: "reference" }).predict(batch).outputs["predict"];
      assert.deepEqual(compileGraph(model).predict(batch).outputs["predict"], expected);
      assert.equal(expected?.kind, "number");
      const placed = placeCategories(op, width);
      const packed = placed === null ? null : packForest(placed.op, { width, number: "f64" });
      if (placed === null || packed === null) return;
      for (const engine of ["wasm", "plain"] as const) {
        const kernel = categoryForest(op, placed, openForestKernel(packed, { engine }));
        const walked = kernel([{ kind: "dense", width, values }], new CallFrame(rowCount));
        assert.deepEqual(walked.kind === "dense" ? walked.values : null, expected.values, engine);
        for (let row = 0; row < rowCount; row++) {
          const one = values.slice(row * width, (row + 1) * width);
          const alone = kernel([{ kind: "dense", width, values: one }], new CallFrame(1));
          assert.deepEqual(
            alone.kind === "dense" ? alone.values : null,
            expected.values.slice(row * 2, row * 2 + 2),
            `${engine}, a row alone`,
          );
        }
      }
    }),
    { numRuns: 400 },
  );
});

test("both kernels take categories, and leave what they cannot express to the plain walk", () => {
  const recipe: Recipe = {
    trees: 2,
    numbers: [1, 2, 3],
    bits: [7, 3, 11, 2, 5],
    byCategory: true,
    zeros: false,
    rightSets: false,
    number: "integer",
    negative: "convert",
    rule: "le",
    sum: "f64",
  };
  const op = forestOf(recipe);

  assert.ok(expandForest(op, width) !== null);
  assert.ok(placeCategories(op, width) !== null);
  assert.equal(placeCategories(forestOf({ ...recipe, byCategory: false }), width), null);
  assert.equal(expandForest({ ...op, inputs: [0, 0] }, width), null);
  const both = forestOf({ ...recipe, zeros: true });
  assert.equal(expandForest({ ...both, zeroMissing: new Uint8Array(14).fill(1) }, width), null);
});

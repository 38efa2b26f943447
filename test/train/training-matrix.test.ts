// Feature rows and targets on their way into a matrix.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeatureRow } from "../../src/data/batch.ts";
import {
  type TrainingMatrix,
  type TrainingMatrixOptions,
  trainingMatrixBuilder,
} from "../../src/train/training-matrix.ts";

function build(rows: readonly unknown[], options: Partial<TrainingMatrixOptions> & { targets?: unknown[] } = {}) {
  const { targets = rows.map((_, at) => at), ...rest } = options;
  const builder = trainingMatrixBuilder({ task: "regression", ...rest });
  builder.add({ rows: rows as readonly FeatureRow[], targets });
  return builder.finish();
}

function dense({ rows }: TrainingMatrix): number[][] {
  return Array.from({ length: rows.starts.length - 1 }, (_, row) => {
    const cells = new Array<number>(rows.width).fill(0);
    for (let at = rows.starts[row] ?? 0; at < (rows.starts[row + 1] ?? 0); at++) {
      cells[rows.columns[at] ?? 0] = rows.values[at] ?? 0;
    }
    return cells;
  });
}

const thrown = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

test("a string is a column of its own, a number or boolean one under its name, and names are sorted", () => {
  const matrix = build([
    { pair: "b_c", distance: 2.5, night: true },
    { distance: 1, pair: "a_c" },
    { pair: "b_c", tags: ["x", "y", "x"] },
  ]);
  assert.deepEqual(matrix.names, ["distance", "night", "pair=a_c", "pair=b_c", "tags=x", "tags=y"]);
  assert.deepEqual(dense(matrix), [
    [2.5, 1, 0, 1, 0, 0],
    [1, 0, 1, 0, 0, 0],
    [0, 0, 0, 1, 2, 1],
  ]);
});

test("names are sorted by code point, as Python sorts them", () => {
  const { names } = build([{ "\u{1F600}": 1, "\uFF5E": 1, z: 1, Z: 1, zz: 1 }]);
  assert.deepEqual(names, ["Z", "z", "zz", "\uFF5E", "\u{1F600}"]);
});

test("a number named as a category is the same column", () => {
  const matrix = build([{ a: "b" }, { "a=b": 3 }, { a: "b", "a=b": 3 }]);
  assert.deepEqual(matrix.names, ["a=b"]);
  assert.deepEqual(dense(matrix), [[1], [3], [4]]);
});

test("names that are no harm elsewhere are no harm here", () => {
  const row = JSON.parse('{"__proto__": 1, "constructor": "x", "": 2}') as FeatureRow;
  assert.deepEqual(build([row]).names, ["", "__proto__", "constructor=x"]);
});

test("batches are one matrix, whatever their size", () => {
  const rows = Array.from({ length: 3000 }, (_, at) => ({ key: `k${(at * 7) % 50}`, x: at }));
  const builder = trainingMatrixBuilder({ task: "regression" });
  for (let at = 0; at < rows.length; at += 700) {
    const part = rows.slice(at, at + 700);
    builder.add({ rows: part, targets: part.map(({ x }) => x) });
  }
  assert.equal(builder.rowCount, 3000);
  assert.deepEqual(builder.finish(), build(rows, { targets: rows.map(({ x }) => x) }));
});

test("with the columns of another matrix, names that it lacks add nothing", () => {
  const { names } = build([{ a: "x", n: 1 }]);
  const matrix = build([{ a: "y", n: 2, more: 3 }, { a: "x" }], { names });
  assert.deepEqual(matrix.names, names);
  assert.deepEqual(dense(matrix), [
    [0, 2],
    [1, 0],
  ]);
});

test("a missing feature or target is refused with its row, or left out and counted", () => {
  const rows = [{ x: 1 }, { x: null }, { x: 3 }, { x: Number.NaN }, { x: 5 }];
  const targets = [1, 2, null, undefined, 5];
  assert.throws(
    () => build(rows, { targets }),
    (error: { code?: string; issues?: readonly { path: string; code: string }[] }) => {
      assert.equal(error.code, "ROW_INVALID");
      assert.deepEqual(
        error.issues?.map(({ path, code }) => `${path} ${code}`),
        ["/1/x missing", "/2 missing", "/3 missing"],
      );
      return true;
    },
  );
  const matrix = build(rows, { targets, missing: "drop" });
  assert.deepEqual(matrix.dropped, { missingTarget: 2, missingFeature: 1 });
  assert.deepEqual([...matrix.targets], [1, 5]);
});

test("rows are counted over all batches, and issues hold no values", () => {
  const builder = trainingMatrixBuilder({ task: "regression" });
  builder.add({ rows: [{ x: 1 }, { x: 2 }], targets: [1, 2] });
  assert.throws(
    () => builder.add({ rows: [{ x: { secret: "hunter2" } }], targets: [3] }),
    (error: { issues?: readonly { path: string; message: string }[] }) => {
      assert.equal(error.issues?.[0]?.path, "/2/x");
      assert.doesNotMatch(JSON.stringify(error.issues), /hunter2/);
      return true;
    },
  );
});

test("refuses what is no feature", () => {
  for (const row of [{ x: Infinity }, { x: { y: 1 } }, { x: [1] }, [1], "x", null, { x: () => 1 }]) {
    assert.throws(() => build([row]), thrown("ROW_INVALID"));
  }
  assert.throws(() => build([]), thrown("TRAIN_DATA"));
  assert.throws(() => build([{ x: 1 }], { targets: [] }), thrown("TRAIN_DATA"));
});

test("a matrix of numbers keeps the order of the first row, and every row has its columns", () => {
  const matrix = build(
    [
      { b: 1, a: 2 },
      { a: 3, b: 0 },
    ],
    { layout: "matrix" },
  );
  assert.deepEqual(matrix.names, ["b", "a"]);
  assert.equal(matrix.rows.values.length, 4);
  assert.throws(() => build([{ a: 1 }, { a: 1, b: 2 }], { layout: "matrix" }), thrown("ROW_INVALID"));
  assert.throws(() => build([{ a: 1, b: 2 }, { a: 1 }], { layout: "matrix" }), thrown("ROW_INVALID"));
  assert.throws(() => build([{ a: "text" }], { layout: "matrix" }), thrown("ROW_INVALID"));
});

test("classes are sorted, and targets are their positions", () => {
  const classes = (targets: unknown[]) => {
    const matrix = build(
      targets.map(() => ({ x: 1 })),
      { task: "classification", targets },
    );
    return [matrix.classes?.map(({ type, value }) => `${type} ${value}`), [...matrix.targets]];
  };
  assert.deepEqual(classes(["b", "a", "b"]), [
    ["string a", "string b"],
    [1, 0, 1],
  ]);
  assert.deepEqual(classes([10, 9n, 9, -1]), [
    ["integer -1", "integer 9", "integer 10"],
    [2, 1, 1, 0],
  ]);
  assert.deepEqual(classes([true, false]), [
    ["boolean false", "boolean true"],
    [1, 0],
  ]);
  assert.throws(() => classes(["a", 1]), thrown("TRAIN_DATA"));
  assert.throws(() => classes(["a", "a"]), thrown("TRAIN_DATA"));
  assert.throws(() => classes([0.5, 1]), thrown("ROW_INVALID"));
});

test("a row of weight 0 is left out, and a negative weight refused", () => {
  const builder = trainingMatrixBuilder({ task: "regression" });
  builder.add({ rows: [{ x: 1 }, { x: 2 }], targets: [1, 2], weights: [0, 3] });
  const matrix = builder.finish();
  assert.deepEqual([[...matrix.targets], [...(matrix.weights ?? [])]], [[2], [3]]);
  assert.throws(() => builder.add({ rows: [{ x: 1 }], targets: [1], weights: [-1] }), thrown("ROW_INVALID"));
});

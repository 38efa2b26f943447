// The ops of transformers by hand: what they do at their edges, where a row is refused, and what a sparse row keeps.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Cell } from "../../../src/data/batch.ts";
import type { ModelInput } from "../../../src/data/model-input.ts";
import { outputValue } from "../../../src/data/prediction-text.ts";
import { toBatch } from "../../../src/data/to-batch.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import { type GraphBuilder, graphBuilder } from "../../../src/model/graph-builder.ts";
import type { ValueId } from "../../../src/model/value.ts";

type Build = (graph: GraphBuilder) => ValueId;

interface Answers {
  readonly values: readonly unknown[];
  /** `row path code`. */
  readonly issues: readonly string[];
}

function ask(input: ModelInput, rows: readonly (readonly Cell[])[], build: Build): Answers {
  const graph = graphBuilder(input);
  const value = build(graph);
  const predictor = compileGraph(graph.finish({ transform: { value, scalar: false } }, "transform"));
  const { batch, issues: malformed } = toBatch(rows, input);
  assert.deepEqual(malformed, []);
  const { outputs, issues } = predictor.predict(batch, { methods: ["transform"] });
  const column = outputs["transform"];
  assert.ok(column !== undefined);
  return {
    values: rows.map((_, row) => outputValue(column, row)),
    issues: issues.map(({ row, path, code }) => `${row} ${path} ${code}`),
  };
}

function numbers(width: number): ModelInput {
  const columns = Array.from({ length: width }, (_, at) => ({
    name: String(at),
    type: "number" as const,
    nullable: true,
  }));
  return { kind: "matrix", named: false, columns };
}

function cells(...names: readonly string[]): ModelInput {
  return { kind: "table", named: true, columns: names.map((name) => ({ name, type: "any", nullable: true })) };
}

const labels = [
  { type: "integer", value: 1 },
  { type: "string", value: "1" },
  { type: "string", value: "x" },
] as const;

describe("category_numbers", () => {
  const table = { categories: labels, numbers: Float64Array.of(10, 20, 30) };
  const options = { kind: "category_numbers", inputs: [0], number: "f64", estimator: "Encoder" } as const;

  test("compares as Python does: 1, 1.0 and true are equal, a number is no string", () => {
    const tables = [{ ...table, missing: "unknown" as const, unknown: -1 }];
    const rows = [[1], [true], ["1"], ["x"], [2], [false], [null], ["X"]];
    const { values } = ask(cells("a"), rows, (graph) => graph.add({ ...options, tables }));
    assert.deepEqual(values, [[10], [10], [20], [30], [-1], [-1], [-1], [-1]]);
  });

  test("warns of cells that are no category, by the column's name and never by the cell", () => {
    const tables = [{ ...table, missing: "unknown" as const, unknown: -1 }];
    const graph = graphBuilder(cells("a"));
    const value = graph.add({ ...options, tables });
    const predictor = compileGraph(graph.finish({ transform: { value, scalar: false } }, "transform"));
    const { batch } = toBatch([["y"], ["x"], [null], ["z"]], predictor.input);
    assert.deepEqual(predictor.predict(batch).warnings, [{ code: "unseen_category", field: "a", count: 2 }]);
  });

  test("refuses a row by the column's name where a cell has no number", () => {
    const tables = [{ ...table, missing: 5, unknown: "refuse" as const }];
    const { values, issues } = ask(cells("a/b"), [["x"], ["y"], [null]], (graph) => graph.add({ ...options, tables }));
    assert.deepEqual(issues, ["1 /a~1b unknown_category"]);
    assert.deepEqual([values[0], values[2]], [[30], [5]]);
  });

  test("refuses missing cells apart from unknown ones", () => {
    const tables = [{ ...table, missing: "refuse" as const, unknown: 0 }];
    const { issues } = ask(cells("a"), [["y"], [null]], (graph) => graph.add({ ...options, tables }));
    assert.deepEqual(issues, ["1 /a unknown_category"]);
  });
});

test("one_hot leaves the columns of a NaN empty", () => {
  const rows = [
    [1, 0],
    [null, 2],
    [0, null],
  ];
  const { values } = ask(numbers(2), rows, (graph) =>
    graph.add({ kind: "one_hot", inputs: [0], widths: [2, 3], number: "i64" }),
  );
  assert.deepEqual(values, [
    [0, 1, 1, 0, 0],
    [0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0],
  ]);
});

describe("fill_missing", () => {
  test("fills numbers and texts, each column with its own value", () => {
    const fills = [{ type: "string", value: "?" } as const, { type: "integer", value: 7 } as const, null];
    const rows = [
      [null, null, null],
      ["a", 0, "b"],
    ];
    const { values } = ask(cells("a", "b", "c"), rows, (graph) =>
      graph.add({ kind: "fill_missing", inputs: [0], missing: null, fills }),
    );
    assert.deepEqual(values, [
      ["?", 7, null],
      ["a", 0, "b"],
    ]);
  });

  test("a value that stands for missing leaves NaN to be refused", () => {
    const fills = [{ type: "string", value: "?" } as const];
    const { values, issues } = ask(cells("a"), [["-"], ["b"], [null]], (graph) =>
      graph.add({ kind: "fill_missing", inputs: [0], missing: { type: "string", value: "-" }, fills, estimator: "I" }),
    );
    assert.deepEqual(values.slice(0, 2), [["?"], ["b"]]);
    assert.deepEqual(issues, ["2 /a missing_value"]);
  });
});

test("missing_flags refuses a row where nothing may be missing", () => {
  const { values, issues } = ask(
    numbers(2),
    [
      [null, 1],
      [1, null],
    ],
    (graph) => graph.add({ kind: "missing_flags", inputs: [0], missing: null, refused: [1], estimator: "Indicator" }),
  );
  assert.deepEqual(values[0], [true, false]);
  assert.deepEqual(issues, ["1 /1 missing_value"]);
});

test("join_columns keeps numbers numbers and texts texts", () => {
  const { values } = ask(
    cells("a", "b"),
    [
      ["x", 2],
      [null, 3.5],
    ],
    (graph) => {
      const second = graph.add({ kind: "select", inputs: [0], columns: Int32Array.of(1) });
      const number = graph.add({ kind: "table_numbers", inputs: [second] });
      return graph.add({ kind: "join_columns", inputs: [number, 0] });
    },
  );
  assert.deepEqual(values, [
    [2, "x", 2],
    [3.5, null, 3.5],
  ]);
});

test("sparsify leaves out zeros of either sign, and columnwise touches stored numbers only", () => {
  const { values } = ask(numbers(3), [[0, -0, 4]], (graph) => {
    const sparse = graph.add({ kind: "sparsify", inputs: [0] });
    const steps = [{ step: "divide" as const, values: Float64Array.of(0, 0, 8) }];
    return graph.add({ kind: "columnwise", inputs: [sparse], steps, number: "f64" });
  });
  assert.deepEqual(values, [[0, 0, 0.5]]);
  assert.throws(
    () =>
      ask(numbers(1), [[1]], (graph) => {
        const sparse = graph.add({ kind: "sparsify", inputs: [0] });
        const steps = [{ step: "add" as const, values: Float64Array.of(1) }];
        return graph.add({ kind: "columnwise", inputs: [sparse], steps, number: "f64" });
      }),
    { code: "MODEL_GRAPH" },
  );
});

describe("products", () => {
  test("multiply in the given order and make 1 of nothing", () => {
    const terms = [Int32Array.of(), Int32Array.of(1), Int32Array.of(1, 0, 0)];
    const { values } = ask(numbers(2), [[3, 5]], (graph) => graph.add({ kind: "products", inputs: [0], terms }));
    assert.deepEqual(values, [[1, 5, 45]]);
  });

  test("of a sparse row that stores a column twice, each stored number meets itself and those behind it", () => {
    const terms = [Int32Array.of(0), Int32Array.of(0, 0)];
    const graph = graphBuilder({ kind: "records", features: [] });
    const sparse = graph.add({
      kind: "vectorize",
      inputs: [0],
      names: ["a=x"],
      separator: "=",
      lists: "split",
      number: "f64",
    });
    const value = graph.add({ kind: "products", inputs: [sparse], terms });
    const predictor = compileGraph(graph.finish({ transform: { value, scalar: false } }, "transform"));
    const { outputs } = predictor.predict({ kind: "records", rows: [{ a: ["x", "x"] }] });
    const column = outputs["transform"];
    // 1 + 1, and 1·1 three times: not (1 + 1)².
    assert.deepEqual(column === undefined ? null : outputValue(column, 0), [2, 3]);
  });
});

describe("normalize_rows", () => {
  const norm = (rule: "l1" | "max" | "largest", smallest: number, row: readonly number[]): unknown =>
    ask(numbers(2), [row], (graph) => graph.add({ kind: "normalize_rows", inputs: [0], norm: rule, smallest }))
      .values[0];

  test("divides by its norm, and leaves rows of norm 0 or below the smallest", () => {
    assert.deepEqual(norm("l1", 0, [1, -3]), [0.25, -0.75]);
    assert.deepEqual(norm("max", 0, [1, -4]), [0.25, -1]);
    assert.deepEqual(norm("max", 0, [0, 0]), [0, 0]);
    assert.deepEqual(norm("max", 1, [0.5, 0.25]), [0.5, 0.25]);
    assert.deepEqual(norm("largest", 0, [2, -4]), [1, -2]);
  });
});

test("bins: a number on an edge is above it, and the nudged rule moves up one just below", () => {
  const edges = [Float64Array.of(1, 2)];
  const bins = (rule: "plain" | "nudged", value: number): unknown =>
    ask(numbers(1), [[value]], (graph) => graph.add({ kind: "bins", inputs: [0], edges, rule })).values[0];
  assert.deepEqual([bins("plain", 0.5), bins("plain", 1), bins("plain", 2)], [[0], [1], [2]]);
  assert.deepEqual([bins("plain", 1 - 1e-9), bins("nudged", 1 - 1e-9)], [[0], [1]]);
});

test("quantile_ranks sees equal quantiles from both sides", () => {
  const options = { kind: "quantile_ranks", inputs: [0], tolerance: 0 } as const;
  const quantiles = Float64Array.of(0, 1, 1, 1, 2);
  const places = Float64Array.of(0, 0.25, 0.5, 0.75, 1);
  const rows = [[-1], [0], [0.5], [1], [1.5], [2], [3], [null]];
  const { values } = ask(numbers(1), rows, (graph) => graph.add({ ...options, quantiles, places, inverse: false }));
  assert.deepEqual(values, [[0], [0], [0.125], [0.5], [0.875], [1], [1], [Number.NaN]]);
  const back = ask(numbers(1), [[0], [0.125], [0.6], [1]], (graph) =>
    graph.add({ ...options, quantiles, places, inverse: true }),
  );
  assert.deepEqual(back.values, [[0], [0.5], [1], [2]]);
});

describe("power", () => {
  const options = { kind: "power", inputs: [0], estimator: "P" } as const;

  for (const family of ["yeo_johnson", "box_cox", "yeo_johnson_by_logarithm"] as const) {
    test(`${family} and its inverse lead back`, () => {
      for (const exponent of [-1.3, 0, 0.5, 1, 2, 3.1]) {
        const exponents = Float64Array.of(exponent);
        const rows = (family === "box_cox" ? [0.25, 1, 3] : [-3, -0.25, 0, 0.25, 3]).map((x) => [x]);
        const { values } = ask(numbers(1), rows, (graph) => {
          const there = graph.add({ ...options, family, exponents, inverse: false });
          return graph.add({ ...options, family, exponents, inverse: true, inputs: [there] });
        });
        for (const [at, [x = 0]] of rows.entries()) {
          assert.ok(
            Math.abs(((values[at] as readonly number[])[0] as number) - x) < 1e-12,
            `${family} ${exponent} ${x}`,
          );
        }
      }
    });
  }

  test("box_cox refuses what is not positive and lets NaN pass", () => {
    const exponents = Float64Array.of(0.5);
    const { issues } = ask(numbers(1), [[1], [0], [-1], [null]], (graph) =>
      graph.add({ ...options, family: "box_cox", exponents, inverse: false }),
    );
    assert.deepEqual(issues, ["1 /0 out_of_range", "2 /0 out_of_range"]);
  });
});

describe("splines", () => {
  const knots = Float64Array.of(-3, -2, -1, 0, 1, 2, 3, 4, 5);
  const splines = knots.length - 4;
  const unit = Float64Array.from({ length: splines * splines }, (_, at) => (at % (splines + 1) === 0 ? 1 : 0));
  const options = { kind: "splines", inputs: [0], degree: 3, splines, estimator: "S" } as const;
  const columns = [{ knots, coefficients: unit }];

  test("sum to 1 between the inner knots, and the border's value goes on", () => {
    const rows = [[0], [0.3], [1.999], [2], [7], [-7]];
    const { values } = ask(numbers(1), rows, (graph) => graph.add({ ...options, columns, outside: "constant" }));
    for (const row of values as readonly number[][]) {
      assert.ok(Math.abs(row.reduce((sum, each) => sum + each, 0) - 1) < 1e-15);
    }
    assert.deepEqual(values[4], values[3]);
    assert.deepEqual(values[5], values[0]);
  });

  test("refuse, repeat or go straight on beyond the knots", () => {
    const refused = ask(numbers(1), [[1], [9]], (graph) => graph.add({ ...options, columns, outside: "refuse" }));
    assert.deepEqual(refused.issues, ["1 /0 out_of_range"]);
    const periodic = ask(numbers(1), [[0.5], [2.5], [-1.5]], (graph) =>
      graph.add({ ...options, columns, outside: "periodic" }),
    );
    assert.deepEqual(periodic.values[1], periodic.values[0]);
    assert.deepEqual(periodic.values[2], periodic.values[0]);
    const linear = ask(numbers(1), [[2], [3], [4]], (graph) => graph.add({ ...options, columns, outside: "linear" }));
    const [a = [], b = [], c = []] = linear.values as readonly number[][];
    for (let at = 0; at < splines; at++) {
      assert.ok(Math.abs((c[at] as number) - (b[at] as number) - ((b[at] as number) - (a[at] as number))) < 1e-12);
    }
  });
});

test("nearest_fill takes the mean of the nearest points that have the column", () => {
  const points = Float64Array.of(0, 10, 1, 20, 5, 60, 0.5, Number.NaN);
  const filled = (weights: "uniform" | "distance", row: readonly (number | null)[]): unknown =>
    ask(numbers(2), [row], (graph) => graph.add({ kind: "nearest_fill", inputs: [0], points, neighbors: 2, weights }))
      .values[0];
  assert.deepEqual(filled("uniform", [0.4, null]), [0.4, 15]);
  assert.deepEqual(filled("distance", [0, null]), [0, 10]);
  // Nothing to measure by: the mean of the column.
  assert.deepEqual(filled("uniform", [null, null]), [1.625, 30]);
});

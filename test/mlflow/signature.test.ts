// Signatures and input examples in every form that MLflow writes, and what they add to a model's input.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ModelInput } from "../../src/data/model-input.ts";
import { withSignature } from "../../src/formats/read/signature-input.ts";
import { readInputExample } from "../../src/mlflow/input-example.ts";
import { readMLmodel } from "../../src/mlflow/mlmodel.ts";
import { describeField, readSignature, type Signature } from "../../src/mlflow/signature.ts";

function signatureOf(inputs: unknown, others: { outputs?: unknown; params?: unknown } = {}): Signature {
  const signature = Object.fromEntries(
    Object.entries({ inputs, ...others }).map(([part, value]) => [part, JSON.stringify(value)]),
  );
  const text = JSON.stringify({ flavors: { sklearn: {} }, signature });
  return readSignature(readMLmodel(new TextEncoder().encode(text), "model"), "model");
}

const columns = [
  { name: "age", type: "long", required: true },
  { name: "income", type: "double", required: false },
];

describe("a signature", () => {
  test("says columns, tensors and parameters", () => {
    const tensor = { name: "x", type: "tensor", "tensor-spec": { dtype: "float64", shape: [-1, 4] } };
    const { inputs, outputs, params } = signatureOf(columns, {
      outputs: [tensor],
      params: [{ name: "threshold", type: "double", default: 0.5, shape: null }],
    });
    assert.deepEqual(inputs?.map(describeField), ["age: long", "income: double, optional"]);
    assert.deepEqual(outputs?.map(describeField), ["x: tensor float64[-1, 4]"]);
    assert.deepEqual(params, [{ name: "threshold", type: "double" }]);
  });

  test("of MLflow 1 has `optional`, or nothing", () => {
    const { inputs } = signatureOf([
      { name: "a", type: "long" },
      { name: "b", type: "long", optional: true },
      { type: "double" },
    ]);
    assert.deepEqual(inputs?.map(describeField), ["a: long", "b: long, optional", "double"]);
  });

  test("of a type that we do not know is shown, not refused", () => {
    assert.deepEqual(signatureOf([{ name: "a", type: "sparkvector" }]).inputs?.map(describeField), ["a: sparkvector"]);
  });
});

describe("a model's input with a signature", () => {
  const column = (name: string, type: "number" | "any" | "string" = "number") => ({ name, type, nullable: false });
  const positions: ModelInput = { kind: "matrix", named: false, columns: [column("0"), column("1")] };
  const named: ModelInput = { kind: "matrix", named: true, columns: [column("income"), column("age")] };

  test("of positions gets its names, types and what may be missing", () => {
    assert.deepEqual(withSignature(positions, signatureOf(columns)), {
      notes: [],
      input: {
        kind: "matrix",
        named: true,
        columns: [
          { name: "age", type: "integer", nullable: false },
          { name: "income", type: "number", nullable: true },
        ],
      },
    });
  });

  test("of names keeps its own order and ignores columns that it does not take", () => {
    const signature = signatureOf([...columns, { name: "id", type: "string" }]);
    const { input, notes } = withSignature(named, signature);
    assert.deepEqual(notes, []);
    assert.deepEqual(input.kind === "matrix" && input.columns.map(({ name, nullable }) => [name, nullable]), [
      ["income", true],
      ["age", false],
    ]);
  });

  test("of cells stays cells", () => {
    const table: ModelInput = { kind: "table", named: true, columns: [column("age", "any"), column("income", "any")] };
    const signature = signatureOf([
      { name: "age", type: "long" },
      { name: "income", type: "string" },
    ]);
    const { input } = withSignature(table, signature);
    assert.deepEqual(input.kind === "table" && input.columns.map(({ type }) => type), ["any", "string"]);
  });

  const strange: readonly (readonly [what: string, input: ModelInput, inputs: unknown])[] = [
    ["other names", named, [{ name: "weight", type: "double" }]],
    ["another number of columns", positions, columns.slice(0, 1)],
    [
      "columns and tensors mixed",
      positions,
      [...columns, { type: "tensor", "tensor-spec": { dtype: "float64", shape: [-1] } }],
    ],
    ["a name twice", positions, [columns[0], columns[0]]],
    ["a tensor of another width", positions, [{ type: "tensor", "tensor-spec": { dtype: "float64", shape: [-1, 3] } }]],
  ];
  for (const [what, input, inputs] of strange) {
    test(`with ${what} stays as it is, with a note`, () => {
      const signed = withSignature(input, signatureOf(inputs));
      assert.deepEqual(signed.input, input);
      assert.equal(signed.notes.length, 1);
    });
  }

  test("of a tensor that fits stays as it is", () => {
    const inputs = [{ type: "tensor", "tensor-spec": { dtype: "float64", shape: [-1, 2] } }];
    assert.deepEqual(withSignature(positions, signatureOf(inputs)), { input: positions, notes: [] });
  });
});

describe("an input example", () => {
  const rows = [
    { a: 1, b: "x" },
    { a: null, b: "y" },
  ];
  const split = {
    columns: ["a", "b"],
    data: [
      [1, "x"],
      [null, "y"],
    ],
  };
  const forms: readonly (readonly [what: string, value: unknown, rows: readonly unknown[] | null])[] = [
    ["a data frame", split, rows],
    ["a data frame without names", { data: [[1, 2]] }, [[1, 2]]],
    ["a data frame with numbered columns", { columns: [0, 1], data: [[1, 2]] }, [[1, 2]]],
    ["records", rows, rows],
    [
      "an array",
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["a list of numbers", [1, 2], [[1], [2]]],
    ["a column each", { a: [1, null], b: ["x", "y"] }, rows],
    ["one object", { a: 1, b: "x" }, [{ a: 1, b: "x" }]],
    ["a wrapped data frame", { dataframe_split: split }, rows],
    ["wrapped records", { dataframe_records: rows }, rows],
    ["a wrapped array", { inputs: [[1, 2]] }, [[1, 2]]],
    ["wrapped columns", { inputs: { a: [1, null], b: ["x", "y"] } }, rows],
    ["rows of other lengths than the names", { columns: ["a"], data: [[1, 2]] }, null],
    ["a text", "x", null],
    ["an empty object", {}, null],
  ];
  for (const [what, value, expected] of forms) {
    test(`as ${what} is ${expected === null ? "left out" : "rows"}`, () => {
      assert.deepEqual(readInputExample(new TextEncoder().encode(JSON.stringify(value))), expected);
    });
  }

  test("that is no JSON is left out", () => {
    assert.equal(readInputExample(Uint8Array.of(0xff, 0x00)), null);
    assert.equal(readInputExample(new TextEncoder().encode("[".repeat(100_000))), null);
  });

  test("is cut to a few rows", () => {
    assert.equal(readInputExample(new TextEncoder().encode(JSON.stringify({ a: Array(1000).fill(1) })))?.length, 20);
  });
});

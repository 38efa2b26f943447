// Tensors ⇄ rows: what a client of MLServer, KServe or MLflow sends becomes the rows of `/predict`; predictions become tensors.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { category, integer, list, number, object, string } from "../../../src/data/field-builders.ts";
import type { ModelInput } from "../../../src/data/model-input.ts";
import type { OutputColumn } from "../../../src/data/predictions.ts";
import { columnFromTensor } from "../../../src/formats/oip/column-from-tensor.ts";
import { readInferRequest } from "../../../src/formats/oip/json-body.ts";
import { inputsOfModel, readModelMetadata, tensorsOfSchema } from "../../../src/formats/oip/model-metadata.ts";
import {
  rowsFromTensors,
  type WantedRows,
  wantedOfInput,
  wantedOfSchema,
} from "../../../src/formats/oip/rows-from-tensors.ts";
import type { OipTensor } from "../../../src/formats/oip/tensor.ts";
import { tensorFromCells, tensorsFromColumn } from "../../../src/formats/oip/tensors-from-answers.ts";

const column = (name: string) => ({ name, type: "number", nullable: true }) as const;
const matrix = (named: boolean): ModelInput => ({ kind: "matrix", named, columns: ["a", "b"].map(column) });
const records: ModelInput = {
  kind: "records",
  features: [
    { name: "PU_DO", numeric: false, categories: ["1_2"] },
    { name: "trip_distance", numeric: true, categories: [] },
  ],
};

function rows(wanted: WantedRows, inputs: readonly object[], parameters: object = {}): unknown {
  return rowsFromTensors(readInferRequest({ inputs, parameters }), wanted);
}

function problemOf(wanted: WantedRows, inputs: readonly object[]): string {
  try {
    rows(wanted, inputs);
  } catch (error) {
    if (isTrimaranError(error)) return `${error.code}: ${error.message} ${error.fix}`;
    throw error;
  }
  return "none";
}

const fp = (name: string, shape: readonly number[], data: readonly unknown[]) => ({
  name,
  shape,
  datatype: "FP64",
  data,
});
const bytes = (name: string, shape: readonly number[], data: readonly unknown[], content?: string) => ({
  ...{ name, shape, datatype: "BYTES", data },
  parameters: { content_type: content ?? null },
});

describe("the tensors of a request", () => {
  test("one a column are rows by name, of shape [N] or [N, 1]", () => {
    const rides = [bytes("PU_DO", [2, 1], ["1_2", "3_4"], "str"), fp("trip_distance", [2], [1.5, null])];
    const expected = [
      { PU_DO: "1_2", trip_distance: 1.5 },
      { PU_DO: "3_4", trip_distance: null },
    ];
    assert.deepEqual(rows(wantedOfInput(records), rides), expected);
    assert.deepEqual(rows(wantedOfInput(records), rides, { content_type: "pd" }), expected);
    assert.deepEqual(rows(wantedOfInput(matrix(true)), [fp("b", [1], [2]), fp("a", [1, 1], [1])]), [{ b: 2, a: 1 }]);
  });

  test("in one matrix are rows by position, or by name in the order of the columns", () => {
    const x = fp("whatever", [2, 2], [1, 2, 3, 4]);
    assert.deepEqual(rows(wantedOfInput(matrix(false)), [x]), [
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(rows(wantedOfInput(matrix(true)), [x], { content_type: "np" }), [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    assert.deepEqual(rows(wantedOfSchema({ a: number(), b: integer() }), [x]), [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  });

  test("of one column have its name: another is not taken for it", () => {
    const wanted = wantedOfSchema({ a: number() });
    assert.deepEqual(rows(wanted, [fp("a", [2, 1], [1, 2])]), [{ a: 1 }, { a: 2 }]);
    assert.deepEqual(rows(wanted, [fp("b", [1, 1], [1])]), [{ b: 1 }]);
    const unnamed: ModelInput = { kind: "matrix", named: false, columns: [column("0")] };
    assert.deepEqual(rows(wantedOfInput(unnamed), [fp("b", [2], [1, 2])]), [[1], [2]]);
  });

  test("called input-0, input-1, … are the columns of a model that knows them by position", () => {
    const inputs = [fp("input-1", [1], [2]), fp("input-0", [1], [1])];
    assert.deepEqual(rows(wantedOfInput(matrix(false)), inputs), [[1, 2]]);
  });

  test("hold what their content type says", () => {
    const wanted = wantedOfSchema({ a: string(), b: object({ x: number() }), c: list(number()), d: list(number()) });
    const inputs = [
      bytes("a", [1], ["dGV4dA=="], "base64"),
      bytes("b", [1], ['{"x":1}'], "pd_json"),
      bytes("c", [1], ["[1,2]"]),
      fp("d", [1, 3], [1, 2, 3]),
    ];
    assert.deepEqual(rows(wanted, inputs), [{ a: "text", b: { x: 1 }, c: [1, 2], d: [1, 2, 3] }]);
    assert.match(problemOf(wanted, [bytes("b", [1], ["{"], "pd_json")]), /^OIP_DATA: .*\bb\b.*no JSON/);
    assert.match(problemOf(wanted, [bytes("a", [1], ["%"], "base64")]), /^OIP_DATA/);
  });

  test("keep whole numbers exact and booleans booleans", () => {
    const inputs = [
      { name: "a", shape: [2], datatype: "INT64", data: [1, 2n ** 60n] },
      { name: "b", shape: [2], datatype: "BOOL", data: [true, false] },
    ];
    assert.deepEqual(rows(wantedOfInput(matrix(true)), inputs), [
      { a: 1, b: true },
      { a: 2n ** 60n, b: false },
    ]);
  });

  test("that do not fit are refused with what is expected", () => {
    const wanted = wantedOfInput(matrix(true));
    assert.match(problemOf(wanted, [fp("x", [1, 3], [1, 2, 3])]), /OIP_INPUTS.*3 elements.*\(a, b\).*\[N, 2\]/);
    assert.match(problemOf(wanted, [fp("a", [2], [1, 2]), fp("b", [1], [1])]), /OIP_INPUTS.*b has 1 rows, and a has 2/);
    assert.match(problemOf(wanted, [fp("a", [1, 2], [1, 2]), fp("b", [1], [1])]), /OIP_INPUTS.*a has 2 elements/);
    assert.match(problemOf(wantedOfInput(matrix(false)), [fp("p", [1], [1]), fp("q", [1], [1])]), /OIP_INPUTS/);
    assert.match(problemOf(wantedOfInput(matrix(false)), [fp("x", [2], [1, 2])]), /OIP_INPUTS/);
    assert.match(problemOf(wanted, [fp("x", [1, 1, 2], [1, 2])]), /OIP_INPUTS.*3 dimensions/);
    assert.match(problemOf(wanted, [fp("x", [], [1])]), /OIP_INPUTS.*no dimension/);
    assert.match(problemOf(wantedOfInput(records), [fp("x", [1, 5], [1, 2, 3, 4, 5])]), /OIP_INPUTS/);
  });

  test("that ask for millions of empty rows cost nothing", () => {
    for (const input of [matrix(false), matrix(true), records]) {
      assert.match(problemOf(wantedOfInput(input), [fp("a", [2 ** 26, 0], [])]), /OIP_INPUTS/);
    }
  });
});

describe("answers as tensors", () => {
  const shown = (name: string, answer: OutputColumn, count: number) =>
    tensorsFromColumn(name, answer, count).map((tensor) => [
      tensor.name,
      tensor.datatype,
      tensor.shape,
      [...tensor.data],
    ]);

  test("keep the type of the method", () => {
    const values = Float64Array.of(1, 2);
    const form = { scalar: true, width: 1 };
    assert.deepEqual(shown("p", { kind: "number", type: "float64", ...form, values }, 2), [
      ["p", "FP64", [2, 1], [1, 2]],
    ]);
    const single = Float32Array.of(0.1, 2);
    assert.deepEqual(shown("p", { kind: "number", type: "float32", ...form, values: single }, 2), [
      ["p", "FP32", [2, 1], [...single]],
    ]);
    assert.deepEqual(shown("p", { kind: "number", type: "integer", ...form, values }, 2), [
      ["p", "INT64", [2, 1], [1n, 2n]],
    ]);
    assert.deepEqual(shown("p", { kind: "number", type: "boolean", ...form, values }, 2), [
      ["p", "BOOL", [2, 1], [1, 1]],
    ]);
    assert.deepEqual(shown("p", { kind: "number", type: "float64", scalar: false, width: 2, values }, 1), [
      ["p", "FP64", [1, 2], [1, 2]],
    ]);
  });

  test("of labels are BYTES, INT64, BOOL or FP64 as the labels are", () => {
    const label = (labels: readonly (readonly object[])[]) =>
      ({ kind: "label", scalar: true, width: 1, codes: Int32Array.of(1, 0), labels }) as OutputColumn;
    assert.deepEqual(
      shown(
        "p",
        label([
          [
            { type: "string", value: "no" },
            { type: "string", value: "yes" },
          ],
        ]),
        2,
      )[0]?.slice(1),
      ["BYTES", [2, 1], ["yes", "no"]],
    );
    const big = 2n ** 60n;
    assert.deepEqual(
      shown(
        "p",
        label([
          [
            { type: "integer", value: 1 },
            { type: "integer", value: big },
          ],
        ]),
        2,
      )[0]?.[3],
      [big, 1n],
    );
    assert.deepEqual(
      shown(
        "p",
        label([
          [
            { type: "string", value: "a" },
            { type: "integer", value: 5 },
          ],
        ]),
        2,
      )[0]?.[3],
      ["5", "a"],
    );
  });

  test("of several outputs are one matrix where they fit, else a tensor each", () => {
    const one = (width: number): OutputColumn => ({
      ...{ kind: "number", type: "float64", scalar: width === 1, width },
      values: Float64Array.from({ length: 2 * width }, (_, at) => at),
    });
    assert.deepEqual(shown("p", { kind: "list", items: [one(1), one(1)] }, 2), [["p", "FP64", [2, 2], [0, 0, 1, 1]]]);
    assert.deepEqual(
      shown("p", { kind: "list", items: [one(2), one(3)] }, 2).map(([name, , shape]) => [name, shape]),
      [
        ["p-0", [2, 2]],
        ["p-1", [2, 3]],
      ],
    );
  });

  test("of a definition have the datatype of the field, unless a value would have to be made up", () => {
    const of = (datatype: "INT64" | "BOOL" | "FP64" | "BYTES", cells: readonly unknown[]) => {
      const tensor = tensorFromCells("y", { datatype, cells, shape: [cells.length, 1] });
      return [tensor.datatype, [...tensor.data]];
    };
    assert.deepEqual(of("INT64", [1, 2]), ["INT64", [1n, 2n]]);
    assert.deepEqual(of("INT64", [1, null]), ["FP64", [1, Number.NaN]]);
    assert.deepEqual(of("FP64", [1, null, "Infinity"]), ["FP64", [1, Number.NaN, Number.POSITIVE_INFINITY]]);
    assert.deepEqual(of("BOOL", [true, false]), ["BOOL", [1, 0]]);
    assert.deepEqual(of("BYTES", ["a", [1, 2], { b: 1 }]), ["BYTES", ["a", "[1,2]", '{"b":1}']]);
  });

  test("that came from another server are columns again", () => {
    const tensor = (datatype: string, shape: readonly number[], data: readonly unknown[]): OipTensor =>
      readInferRequest({ inputs: [{ name: "y", datatype, shape, data }] }).inputs[0] as OipTensor;
    assert.deepEqual(columnFromTensor(tensor("FP32", [2, 1], [0.5, 1]), 2), {
      ...{ kind: "number", type: "float32", scalar: true, width: 1 },
      values: Float32Array.of(0.5, 1),
    });
    assert.deepEqual(columnFromTensor(tensor("INT64", [1], [2n ** 60n]), 1), {
      ...{ kind: "cell", scalar: true, width: 1 },
      cells: [2n ** 60n],
    });
    assert.throws(() => columnFromTensor(tensor("FP64", [1, 2], [1, 2]), 2), { code: "OIP_SHAPE" });
  });
});

test("models and definitions say what they take", () => {
  assert.deepEqual(inputsOfModel(matrix(false)), [{ name: "input-0", datatype: "FP64", shape: [-1, 2] }]);
  const anyWidth: ModelInput = { kind: "matrix", named: false, columns: [], anyWidth: true };
  assert.deepEqual(inputsOfModel(anyWidth), [{ name: "input-0", datatype: "FP64", shape: [-1, -1] }]);
  assert.deepEqual(rows(wantedOfInput(anyWidth), [fp("input-0", [1, 3], [1, 2, 3])]), [[1, 2, 3]]);
  const texts: ModelInput = { kind: "records", features: [], items: "strings" };
  assert.deepEqual(inputsOfModel(texts)[0]?.shape, [-1, -1]);
  assert.deepEqual(rows(wantedOfInput(texts), [bytes("input-0", [1, 2], ["a", "b"])]), [["a", "b"]]);
  assert.deepEqual(inputsOfModel(records)[0], { name: "PU_DO", datatype: "BYTES", shape: [-1, 1] });
  const schema = { a: integer(), b: category(["x"]) };
  assert.deepEqual(
    tensorsOfSchema(schema).map(({ datatype }) => datatype),
    ["INT64", "BYTES"],
  );
  const metadata = { name: "m", inputs: [{ name: "a", datatype: "FP64", shape: [-2] }] };
  assert.throws(() => readModelMetadata(metadata), { code: "OIP_SHAPE" });
});

test("rows of pairs, which no tensor holds, are refused and told where they are taken; rows of strings are read", () => {
  const hashed = (items: "pairs" | "strings"): WantedRows => wantedOfInput({ kind: "records", features: [], items });
  const tensor = { name: "x", datatype: "BYTES", shape: [1, 2], data: ["a", "b"] };
  assert.match(problemOf(hashed("pairs"), [tensor]), /^OIP_INPUTS: .*\[name, value\] pairs.*\/predict/);
  assert.deepEqual(rows(hashed("strings"), [tensor]), [["a", "b"]]);
});

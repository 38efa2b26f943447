// A batch made of columns is the batch that is made of the same rows, or none is made.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell, FeatureColumn, FeatureColumns } from "../../src/data/batch.ts";
import { columnsBatch, rowsOfColumns } from "../../src/data/feature-columns.ts";
import type { InputColumn, ModelInput } from "../../src/data/model-input.ts";
import { toBatch } from "../../src/data/to-batch.ts";

const distance: FeatureColumn = { kind: "number", values: Float64Array.of(1.5, Number.NaN, -0, 3) };
const coded = (cells: readonly Cell[]): FeatureColumn => ({ kind: "coded", codes: Int32Array.of(1, 0, 2, 1), cells });
const made: FeatureColumns = {
  rowCount: 4,
  columns: new Map([
    ["zone", coded(["a", "b", null])],
    ["distance", distance],
    ["shared", coded([false, true, null])],
    ["more", distance],
  ]),
};

function column(name: string, type: InputColumn["type"], optional = false): InputColumn {
  return { name, type, nullable: true, ...(optional ? { optional } : {}) };
}

function assertSame(input: ModelInput): void {
  const { batch, issues } = toBatch(rowsOfColumns(made), input);
  assert.deepEqual(issues, []);
  const columns = columnsBatch(made, input);
  assert.deepEqual(columns?.kind === "records" ? { kind: "records", rows: columns.rows } : columns, batch);
}

test("records, tables and matrices", () => {
  assertSame({ kind: "records", features: [] });
  const shared = [column("distance", "number"), column("shared", "number"), column("gone", "integer", true)];
  assertSame({ kind: "matrix", named: true, columns: shared });
  const all = [column("zone", "string"), column("distance", "any"), column("gone", "any", true), ...shared.slice(0, 2)];
  assertSame({ kind: "table", named: true, columns: all });
  assertSame({ kind: "table", named: true, columns: [] });
});

test("rows are asked for where something must be said of one", () => {
  const none = (input: ModelInput): void => assert.equal(columnsBatch(made, input), null);
  none({ kind: "matrix", named: true, columns: [column("zone", "number")] });
  none({ kind: "table", named: true, columns: [column("zone", "integer")] });
  none({ kind: "table", named: true, columns: [column("gone", "string")] });
  none({ kind: "matrix", named: false, columns: [column("distance", "number")] });
  none({ kind: "matrix", named: true, columns: [], anyWidth: true });
  none({ kind: "records", features: [], items: "strings" });
});

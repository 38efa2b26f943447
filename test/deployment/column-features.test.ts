// Features over columns are what the same features give row by row, block after block.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell, FeatureColumn, FeatureColumns } from "../../src/data/batch.ts";
import { rowsOfColumns } from "../../src/data/feature-columns.ts";
import { boolean, integer, number, string } from "../../src/data/field-builders.ts";
import { columnFeatures } from "../../src/deployment/column-features.ts";
import { compileFeatureTemplates } from "../../src/deployment/feature-template.ts";
import { type Random, randomFrom } from "../engine/kernels/random-forest.ts";

const input = {
  zone: integer(),
  distance: number().nullable(),
  vendor: string().nullable(),
  shared: boolean().nullable(),
  absent: number().optional(),
};

const features = {
  pair: "{zone}_{distance}",
  all: "{{{vendor}|{shared}|{zone}|{zone}}}",
  plain: "a text",
  one: "<{zone}>",
  none: "{{}}",
  distance: "distance",
  vendor: "vendor",
  shared: "shared",
  absent: "absent",
  two: 2,
  nothing: null,
  yes: true,
};

const numbers = [0, -0, 1, 7, 65535, 65536, -1, 2 ** 31, 2 ** 53 - 1, 1e21, 0.1, 1 / 3, 5e-324];

function fieldColumns(random: Random, rowCount: number, known: FieldCells): FeatureColumns {
  const below = (count: number): number => Math.floor(random() * count);
  const numbered = (missing: number): FeatureColumn => ({
    kind: "number",
    values: Float64Array.from({ length: rowCount }, () =>
      random() < missing ? Number.NaN : random() < 0.5 ? below(40) : numbers[below(numbers.length)]!,
    ),
  });
  // Later blocks know more texts than earlier ones.
  known.vendors.push(`v${known.vendors.length}`, "");
  const coded = (cells: readonly Cell[]): FeatureColumn => ({
    kind: "coded",
    codes: Int32Array.from({ length: rowCount }, () => below(cells.length)),
    cells,
  });
  return {
    rowCount,
    columns: new Map([
      ["zone", numbered(0)],
      ["distance", numbered(0.1)],
      ["vendor", coded(known.vendors)],
      ["shared", coded(known.flags)],
    ]),
  };
}

interface FieldCells {
  readonly vendors: Cell[];
  readonly flags: readonly Cell[];
}

test("templates, fields and constants over columns", () => {
  const random = randomFrom(1);
  const { features: byRow, expressions, issues } = compileFeatureTemplates(features, input);
  assert.deepEqual(issues, []);
  const byColumn = columnFeatures(expressions);
  const known: FieldCells = { vendors: ["_", null], flags: [false, true, null] };
  for (const rowCount of [1, 500, 0, 3000, 3000]) {
    const fields = fieldColumns(random, rowCount, known);
    const wanted = rowsOfColumns(fields).map((row) => byRow(row));
    assert.deepEqual(rowsOfColumns(byColumn(fields)), wanted);
  }
});

test("a template of ever new values forgets the old ones, and prints them again", () => {
  const { expressions } = compileFeatureTemplates({ text: "{zone}!" }, input);
  const byColumn = columnFeatures(expressions);
  const rowCount = 60_000;
  const cells: (readonly Cell[])[] = [];
  for (const start of [0, 60_000, 120_000, 0, 180_000]) {
    const values = Float64Array.from({ length: rowCount }, (_, row) => start + row + 0.5);
    const made = byColumn({ rowCount, columns: new Map([["zone", { kind: "number", values }]]) }).columns.get("text");
    assert.equal(made?.kind, "coded");
    assert.ok(made.cells.length <= 2 ** 17 + rowCount);
    cells.push(made.cells);
    for (const row of [0, 1, rowCount - 1]) assert.equal(made.cells[made.codes[row]!], `${start + row + 0.5}!`);
  }
  assert.equal(cells[0], cells[1]);
  assert.notEqual(cells[0], cells.at(-1));
});

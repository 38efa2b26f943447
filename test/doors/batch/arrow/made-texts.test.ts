// Ids and other texts whose bytes are written straight into a column of Arrow.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as arrow from "apache-arrow";
import { madeTexts, type RowPlaces, textParts } from "../../../../src/doors/batch/arrow/made-texts.ts";
import { TextColumn } from "../../../../src/doors/batch/arrow/text-column.ts";
import type { IdRule, ShardJob } from "../../../../src/doors/batch/shard.ts";

const files = ["2021-03", "ä/ö-🚕", null, "", "2021-03", "2021-03"];
const numbers = [0n, 9n, 10n, 4294967295n, 4294967296n, null];
const rows = files.length;

function from(file: arrow.Vector | null, row: arrow.Vector | null): RowPlaces {
  return { file, row };
}

function job(template: string, period: string | null = "2021-03"): ShardJob {
  const id: IdRule = { kind: "template", template };
  return { id, version: "v1 ü", period } as ShardJob;
}

function made(template: string, { file, row }: RowPlaces, places: readonly number[]): unknown[] {
  const parts = textParts({ kind: "id" }, job(template));
  assert.ok(parts !== null);
  const data = madeTexts(arrow, parts, { places: Int32Array.from(places), rows, from: { file, row } });
  return [...arrow.makeVector(data)];
}

const all = [0, 1, 2, 3, 4, 5];
const wide = from(arrow.vectorFromArray(files, new arrow.Utf8()), arrow.vectorFromArray(numbers, new arrow.Int64()));

test("ids of files and rows", () => {
  const wanted = ["2021-03/0", "ä/ö-🚕/9", null, "/4294967295", "2021-03/4294967296", null];
  assert.deepEqual(made("{file}/{row}", wide, all), wanted);
  assert.deepEqual(made("{file}/{row}", wide, [1, 4]), [null, wanted[1], null, null, wanted[4], null]);
  assert.deepEqual(
    made("{file}/{row}", wide, []),
    all.map(() => null),
  );
  assert.deepEqual(made("<{period}>{row}", wide, [1, 2]), [null, "<2021-03>9", "<2021-03>10", null, null, null]);
});

test("columns of other types and parts of batches", () => {
  const narrow = from(
    arrow.vectorFromArray(files, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    arrow.vectorFromArray([0, 7, 10, 123456789, 2, 3], new arrow.Int32()),
  );
  assert.deepEqual(made("{row}:{file}", narrow, [0, 1, 3, 4]), [
    "0:2021-03",
    "7:ä/ö-🚕",
    null,
    "123456789:",
    "2:2021-03",
    null,
  ]);
  const sliced = from(wide.file!.slice(1, 6), wide.row!.slice(1, 6));
  assert.deepEqual(made("{file}/{row}", sliced, [0, 1, 2, 3]), [
    "ä/ö-🚕/9",
    null,
    "/4294967295",
    "2021-03/4294967296",
    null,
    null,
  ]);
  assert.deepEqual(
    made("{file}", from(null, null), all),
    all.map(() => null),
  );
});

test("constants, and what comes from a table", () => {
  const kinds = (source: Parameters<typeof textParts>[0], period: string | null = null): unknown =>
    textParts(source, job("x", period))?.map((part) => (part.kind === "constant" ? part.bytes.toString() : part.kind));
  assert.deepEqual(kinds({ kind: "version" }), ["v1 ü"]);
  assert.deepEqual(kinds({ kind: "file" }), ["file"]);
  assert.deepEqual(kinds({ kind: "period" }, "2021-03"), ["2021-03"]);
  assert.equal(kinds({ kind: "period" }), undefined);
  assert.equal(kinds({ kind: "row", column: "a" }), undefined);
  assert.equal(textParts({ kind: "id" }, { ...job("x"), id: { kind: "key" } }), null);
});

test("a column of texts grows, and forgets a row that is dropped", () => {
  const long = "🚕".repeat(5000);
  const column = new TextColumn(4);
  column.writeText(long);
  column.end(1);
  column.writeDigits(17);
  column.drop();
  column.writeText("");
  column.end(2);
  column.writeText("half of");
  assert.deepEqual([...arrow.makeVector(column.finish(arrow))], [null, long, "", null]);
});

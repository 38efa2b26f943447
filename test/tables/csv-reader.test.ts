// CSV rows become typed rows, in order.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boolean, category, integer, list, number, string, timestamp } from "../../src/data/field-builders.ts";
import { readCell } from "../../src/tables/csv-cell.ts";
import { columnsOfInput, columnsOfSchema } from "../../src/tables/csv-columns.ts";
import { type CsvReaderOptions, readCsv } from "../../src/tables/csv-reader.ts";

async function* once(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
}

const asText: CsvReaderOptions = { name: "rows.csv", column: () => ({ type: "text", empty: "null" }) };

async function read(text: string, options: Partial<CsvReaderOptions> = {}): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readCsv(once(text), { ...asText, ...options })) {
    for (const [at, row] of batch.rows.entries()) rows.push(batch.broken.get(at)?.code ?? row);
  }
  return rows;
}

describe("CSV", () => {
  test("quotes, line ends inside of cells, CRLF and a byte order mark", async () => {
    const rows = await read('\ufeffa,b\r\n"1,5","say ""hi"""\r\n"two\nlines",é\r\n');
    assert.deepEqual(rows, [
      { a: "1,5", b: 'say "hi"' },
      { a: "two\nlines", b: "é" },
    ]);
  });

  test("a row with too few or too many cells is an error in its place", async () => {
    assert.deepEqual(await read("a,b\n1\n1,2\n1,2,3\n"), ["ROW_WIDTH", { a: "1", b: "2" }, "ROW_WIDTH"]);
  });

  test("a header with an empty or repeated name is refused, and no header are no rows", async () => {
    await assert.rejects(read("a,\n1,2\n"), { code: "TABLE_HEADER", message: /column 2 has no name/ });
    await assert.rejects(read("a,a\n1,2\n"), { code: "TABLE_HEADER" });
    assert.deepEqual(await read(""), []);
    assert.deepEqual(await read("a,b\n"), []);
  });

  test("an open quote is refused with its line, after the rows before it", async () => {
    await assert.rejects(read('a\n1\n"2\n3\n'), { code: "TABLE_CSV", message: /rows\.csv is not sound CSV/ });
    await assert.rejects(read('a\n"1"x\n'), { code: "TABLE_CSV", message: /closing quote/ });
  });

  test("a failing source is its own error", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a\n1\n");
      throw new RangeError("the disk");
    }
    await assert.rejects(async () => {
      for await (const _ of readCsv(failing(), asText));
    }, /the disk/);
  });

  test("`__proto__` is a column like any other", async () => {
    const [row] = (await read("__proto__,b\nx,y\n")) as [object];
    assert.deepEqual(Object.keys(row), ["__proto__", "b"]);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
  });

  test("rows of models that know positions only are arrays", async () => {
    const column = columnsOfInput({ kind: "matrix", named: false, columns: [] });
    assert.deepEqual(await read("p,q\n1,\n-2e3,inf\n", { column, positional: true }), [
      [1, null],
      [-2000, Number.POSITIVE_INFINITY],
    ]);
  });
});

describe("cells", () => {
  test("are read by their type; what does not fit stays text", () => {
    assert.deepEqual(
      ["1.5", " 7 ", "+3", ".5", "nan", "-Infinity", "0x10", "1,5", "abc", "9007199254740993"].map((text) =>
        readCell(text, "number"),
      ),
      [1.5, 7, 3, 0.5, Number.NaN, Number.NEGATIVE_INFINITY, "0x10", "1,5", "abc", 9007199254740993n],
    );
    assert.deepEqual(
      ["True", "false", "1"].map((text) => readCell(text, "boolean")),
      [true, false, "1"],
    );
    assert.deepEqual(
      ["10", "007", "1.50", "x"].map((text) => readCell(text, "any")),
      [10, "007", "1.50", "x"],
    );
    assert.deepEqual(readCell("[1,2]", "json"), [1, 2]);
    assert.equal(readCell("12", "text"), "12");
  });

  test("are null when empty, or absent where the field may be left out but may not be null", async () => {
    const column = columnsOfSchema({
      needed: number(),
      left: number().optional(),
      filled: integer().default(3),
      both: string().optional().nullable(),
    });
    assert.deepEqual(await read("needed,left,filled,both,other\n,,,,\n", { column }), [
      { needed: null, both: null, other: null },
    ]);
  });

  test("take the type of their field", async () => {
    const column = columnsOfSchema({
      n: number(),
      i: integer(),
      s: string(),
      b: boolean(),
      c: category([1, 2]),
      t: timestamp(),
      l: list(number()),
    });
    assert.deepEqual(await read('n,i,s,b,c,t,l,x\n1,2,3,true,1,2021-03-01T00:00:00Z,"[1]",4\n', { column }), [
      { n: 1, i: 2, s: "3", b: true, c: 1, t: "2021-03-01T00:00:00Z", l: [1], x: "4" },
    ]);
  });

  test("take the type that a bare model gives them", async () => {
    const features = [
      { name: "distance", numeric: true, categories: [] },
      { name: "zone", numeric: false, categories: ["1", "2"] },
      { name: "either", numeric: true, categories: ["a"] },
    ];
    const column = columnsOfInput({ kind: "records", features });
    assert.deepEqual(await read("distance,zone,either,stranger\n1,1,1,1\n", { column }), [
      { distance: 1, zone: "1", either: 1, stranger: "1" },
    ]);
  });
});

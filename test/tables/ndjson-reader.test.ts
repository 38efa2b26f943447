// NDJSON lines become rows, in order, whatever the chunks are.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseExact, readNdjson } from "../../src/tables/ndjson-reader.ts";

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Lines {
  readonly rows: readonly unknown[];
  readonly codes: readonly (string | null)[];
  readonly messages: readonly string[];
}

async function read(
  text: string | Uint8Array,
  options: { size?: number; maxLineBytes?: number; batchRows?: number } = {},
): Promise<Lines> {
  const rows: unknown[] = [];
  const codes: (string | null)[] = [];
  const messages: string[] = [];
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  for await (const batch of readNdjson(chunksOf(bytes, options.size ?? 7), options)) {
    for (const [at, row] of batch.rows.entries()) {
      rows.push(row);
      const error = batch.broken.get(at);
      codes.push(error?.code ?? null);
      if (error !== undefined) messages.push(error.message);
    }
  }
  return { rows, codes, messages };
}

describe("NDJSON", () => {
  test("any values come back, cut anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 40 }), async (values, size) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
        const { rows, codes } = await read(text, { size, batchRows: 3 });
        assert.deepEqual(
          rows,
          values.map((value) => parseExact(JSON.stringify(value))),
        );
        assert.ok(codes.every((code) => code === null));
      }),
    );
  });

  test("takes CRLF, a byte order mark, and a last line without an end", async () => {
    assert.deepEqual((await read("\ufeff{}\r\n[1]\r\n2")).rows, [{}, [1], 2]);
    assert.deepEqual((await read("")).rows, []);
  });

  test("a broken line is an error in its place that says where, and quotes nothing", async () => {
    const { codes, messages } = await read('1\n{"secret": tru}\n\n"x\n2\n{"a": NaN}');
    assert.deepEqual(codes, [null, "ROW_NOT_JSON", "ROW_NOT_JSON", "ROW_NOT_JSON", null, "ROW_NOT_JSON"]);
    assert.match(messages[0] ?? "", /^Line 2 is not JSON: .* at column 12\.$/);
    assert.match(messages[1] ?? "", /^Line 3 is not JSON: it is empty\.$/);
    assert.match(messages[3] ?? "", /^Line 6 is not JSON: JSON has no NaN/);
    assert.ok(!messages.join("").includes("secret"));
  });

  test("refuses bytes that are not UTF-8, but not the replacement character itself", async () => {
    const { rows, codes } = await read(Buffer.from([0x22, 0xff, 0x22, 0x0a, 0x22, 0xef, 0xbf, 0xbd, 0x22]));
    assert.deepEqual(codes, ["ROW_NOT_JSON", null]);
    assert.equal(rows[1], "\ufffd");
  });

  test("skips a line that is too long without keeping it", async () => {
    const { rows, codes } = await read(`1\n${"9".repeat(500)}\n2\n`, { maxLineBytes: 100 });
    assert.deepEqual(codes, [null, "ROW_TOO_LONG", null]);
    assert.deepEqual([rows[0], rows[2]], [1, 2]);
  });

  test("a line nested beyond the stack is an error, not a crash", async () => {
    const deep = `${"[".repeat(200_000)}1234567890123456789${"]".repeat(200_000)}`;
    const { codes } = await read(`${deep}\n1`, { size: 65_536 });
    assert.deepEqual(codes, ["ROW_NOT_JSON", null]);
  });

  test("gives what has come without waiting for a full batch", async () => {
    let isRead = false;
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("1\n2\n3");
      isRead = true;
    }
    for await (const { rows } of readNdjson(slowly())) {
      assert.deepEqual(rows, [1, 2]);
      assert.equal(isRead, false);
      break;
    }
  });

  test("whole numbers beyond 2^53 stay exact", () => {
    assert.deepEqual(
      parseExact('{"id": 9007199254740993, "x": 1234567890.1234567, "y": 1e300, "s": "9007199254740993"}'),
      {
        id: 9007199254740993n,
        x: 1234567890.1234567,
        y: 1e300,
        s: "9007199254740993",
      },
    );
  });
});

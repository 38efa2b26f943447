// Packed text, whole or not at all: what is cut off or damaged is told, though DuckDB reads what there is of it.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readParquetFooter } from "../../src/tables/parquet-footer.ts";
import { type ConvertedText, type TextTable, textToParquet } from "../../src/tables/text-to-parquet.ts";

const count = 60_000;
const texts = {
  csv: Buffer.from(`a,b\n${lines((at) => `${at},${(at * 7919) % 1000}`)}`),
  ndjson: Buffer.from(lines((at) => `{"a":${at},"b":${(at * 7919) % 1000}}`)),
};
const packings = { gz: gzipSync, zst: (bytes: Buffer) => zstdCompressSync(bytes) };

function lines(line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => `${line(at)}\n`).join("");
}

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "trimaran-text-"));
});
after(() => rm(folder, { recursive: true, force: true }));

async function convert(
  bytes: Buffer,
  kind: Pick<TextTable, "format" | "compression">,
): Promise<[number, ConvertedText]> {
  const path = join(folder, `in.${kind.format}.${kind.compression}`);
  const output = join(folder, "out.parquet");
  await writeFile(path, bytes);
  const { signal } = new AbortController();
  const converted = await textToParquet({ path, texts: [], ...kind }, { output, folder, threads: 1, signal });
  return [(await readParquetFooter(output, output)).rows, converted];
}

for (const format of ["csv", "ndjson"] as const) {
  for (const compression of ["gz", "zst"] as const) {
    describe(`${format}.${compression}`, () => {
      const kind = { format, compression };
      const pack = packings[compression];
      const text = texts[format];
      const middle = text.indexOf("\n", text.length / 2) + 1;
      const [left, right] = [pack(text.subarray(0, middle)), pack(text.subarray(middle))];
      const whole = pack(text);

      it("is one text, however many parts it was packed in", async () => {
        for (const bytes of [whole, Buffer.concat([left, right])]) {
          const [rows, { broken }] = await convert(bytes, kind);
          assert.deepEqual([rows, broken], [count, []]);
        }
      });

      const faults: Readonly<Record<string, Buffer>> = {
        "cut off": whole.subarray(0, whole.length / 2),
        "cut off at its last byte": whole.subarray(0, -1),
        "cut off in its second part": Buffer.concat([left, right.subarray(0, right.length / 2)]),
        "followed by something else": Buffer.concat([whole, Buffer.from("more")]),
        "not packed at all": text,
      };
      for (const [what, bytes] of Object.entries(faults)) {
        it(`is refused where it is ${what}`, async () => {
          await assert.rejects(convert(bytes, kind), { code: "TABLE_READ" });
        });
      }
    });
  }
}

it("a gzip file whose checksum does not fit is refused", async () => {
  // Stored as it is: a changed byte is another number, and still deflate.
  const bytes = gzipSync(texts.csv, { level: 0 });
  const at = bytes.indexOf("\n5,") + 1;
  bytes[at] = "7".charCodeAt(0);
  await assert.rejects(convert(bytes, { format: "csv", compression: "gz" }), { code: "TABLE_READ" });
});

it("lines of every part are looked at, also where some are left out", async () => {
  const bad = Buffer.concat([texts.ndjson, Buffer.from("[1]\n")]);
  for (const compression of ["gz", "zst"] as const) {
    const pack = packings[compression];
    const [rows, { broken }] = await convert(Buffer.concat([pack(texts.ndjson), pack(bad)]), {
      format: "ndjson",
      compression,
    });
    assert.equal(rows, 2 * count);
    assert.deepEqual(
      broken.map(({ line, code }) => [line, code]),
      [[2 * count + 1, "not_an_object"]],
    );
  }
});

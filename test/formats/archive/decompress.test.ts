// Every codec against files of the real libraries, and against the same files cut off, flipped and too large.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { decompress } from "../../../src/formats/archive/decompress.ts";
import { inflate } from "../../../src/formats/archive/inflate.ts";
import { type Compression, sniffArchive } from "../../../src/formats/archive/sniff.ts";
import { bytesOf, payloads, recordedBytes, recordedFiles } from "./payloads.ts";

const maxBytes = 1 << 20;
const name = "model";
const compressions = ["gzip", "zlib", "bz2", "xz", "lzma", "lz4", "zstd"] as const;
const smallVariant: Record<Compression, string> = {
  gzip: "9",
  zlib: "9",
  bz2: "9",
  xz: "6",
  lzma: "6",
  lz4: "checked",
  zstd: "3",
};

function decode(codec: string, bytes: Uint8Array, limit = maxBytes): Uint8Array {
  if (codec === "deflate") return inflate(bytes, { name, maxBytes: limit });
  return decompress(codec as Compression, bytes, { name, maxBytes: limit });
}

/** Decodes a hostile file: the answer, or the code of the typed error. Anything else fails the test. */
function outcome(codec: string, bytes: Uint8Array): Uint8Array | string {
  try {
    const out = decode(codec, bytes);
    assert.ok(out.length <= maxBytes);
    return out;
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
    assert.match(error.code, /^FORMAT_(TRUNCATED|DAMAGED|LIMIT|FEATURE)$/);
    return error.code;
  }
}

describe("decompress", () => {
  for (const file of recordedFiles) {
    test(`reads ${file.codec} ${file.variant} of ${file.payload} as Python wrote it`, () => {
      const bytes = bytesOf(file.base64);
      assert.deepEqual(decode(file.codec, bytes), payloads[file.payload]);
      // Raw deflate has no magic bytes, and lzma-alone is known by its default properties only, as in joblib.
      const isKnown = file.codec !== "deflate" && !/^lc/.test(file.variant);
      if (isKnown) assert.equal(sniffArchive(bytes), file.codec);
    });
  }

  for (const codec of compressions) {
    test(`${codec}: stops at the limit, exactly`, () => {
      const bytes = recordedBytes(codec, smallVariant[codec], "runs");
      const size = payloads["runs"]?.length ?? 0;
      assert.equal(decode(codec, bytes, size).length, size);
      for (const limit of [0, 1, 1000, size - 1]) {
        assert.throws(() => decode(codec, bytes, limit), { code: "FORMAT_LIMIT" });
      }
    });

    test(`${codec}: a file cut anywhere is a typed error`, () => {
      for (const payload of ["noise", "one"]) {
        const bytes = recordedBytes(codec, smallVariant[codec], payload);
        for (let end = 0; end < bytes.length; end++) {
          const result = outcome(codec, bytes.subarray(0, end));
          assert.ok(typeof result === "string", `${payload} cut at ${end} of ${bytes.length} was accepted`);
        }
      }
    });

    test(`${codec}: a flipped bit is an error, or changes nothing where the format has a checksum`, () => {
      for (const payload of ["noise", "text"]) {
        const bytes = recordedBytes(codec, smallVariant[codec], payload);
        const step = payload === "text" ? 97 : 3;
        for (let bit = 0; bit < bytes.length * 8; bit += step) {
          const flipped = bytes.slice();
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const result = outcome(codec, flipped);
          if (typeof result !== "string" && codec !== "lzma") assert.deepEqual(result, payloads[payload]);
        }
      }
    });

    test(`${codec}: bytes after the end are refused`, () => {
      const bytes = recordedBytes(codec, smallVariant[codec], "noise");
      const tail = new TextEncoder().encode("\x80\x04N.and more bytes than a trailer");
      const result = outcome(codec, Buffer.concat([bytes, tail]));
      assert.equal(typeof result, "string");
    });
  }

  test("gzip members beyond their limit are refused, and the limit may be raised", () => {
    const empty = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const repeated = (count: number): Uint8Array =>
      Uint8Array.from({ length: count * 20 }, (_, i) => empty[i % 20] ?? 0);
    assert.equal(decompress("gzip", repeated(1000), { name, maxBytes }).length, 0);
    assert.throws(() => decompress("gzip", repeated(1001), { name, maxBytes }), /limit maxMembers of 1000/);
    assert.throws(() => decompress("gzip", repeated(50_000), { name, maxBytes }), /limit maxMembers of 1000/);
    assert.equal(decompress("gzip", repeated(1001), { name, maxBytes, maxMembers: 1001 }).length, 0);
  });

  test("a bomb costs no more memory than the limit allows", () => {
    const zeros = new Uint8Array(48);
    const bomb = recordedBytes("bz2", "9", "runs");
    const before = process.memoryUsage().arrayBuffers;
    const many = Buffer.concat(Array.from({ length: 4000 }, () => bomb));
    assert.throws(() => decode("bz2", many, 1 << 22), { code: "FORMAT_LIMIT" });
    assert.ok(process.memoryUsage().arrayBuffers - before < 100 << 20);
    const announces64GiB = Buffer.from([0x5d, 0, 0, 0, 255, 0, 0, 0, 0, 16, 0, 0, 0]);
    assert.equal(outcome("lzma", Buffer.concat([announces64GiB, zeros])), "FORMAT_LIMIT");
  });

  for (const codec of compressions.filter((name) => name !== "zlib" && name !== "lzma")) {
    test(`${codec}: a megabyte of empty parts is read or refused within seconds`, () => {
      const empty = recordedBytes(codec, smallVariant[codec], "empty");
      const many = Buffer.concat(Array.from({ length: Math.floor((1 << 20) / empty.length) }, () => empty));
      const startMs = performance.now();
      outcome(codec, many);
      assert.ok(performance.now() - startMs < 5000);
    });
  }

  test("refuses a zstd file whose window would be moved too often", () => {
    const frame = (descriptor: number): number[] => [0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor];
    const runs = new Array<number[]>(5000).fill([0x0a, 0, 0, 65]).flat();
    const bytes = Uint8Array.from([...frame(0x88), ...runs, 0x0b, 0, 0, 65]);
    assert.equal(outcome("zstd", bytes), "FORMAT_FEATURE");
    assert.equal(
      (outcome("zstd", Uint8Array.from([...frame(0x00), ...runs, 0x0b, 0, 0, 65])) as Uint8Array).length,
      5001,
    );
  });

  test("refuses an announced zstd size that its blocks cannot make, before anything is allocated", () => {
    const header = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f];
    const lie = Uint8Array.from([...header, 0x01, 0, 0]);
    assert.equal(outcome("zstd", lie), "FORMAT_DAMAGED");
  });

  test("names a feature that is not supported", () => {
    const gz = recordedBytes("zlib", "9", "one").slice();
    gz[1] = 0xf9 + ((31 - ((0x7800 + 0xf9) % 31)) % 31);
    assert.equal(outcome("zlib", Uint8Array.from([0x78, 0xbb, ...gz.subarray(2)])), "FORMAT_FEATURE");
  });
});

describe("sniffArchive", () => {
  test("takes no pickle for a compressed file", () => {
    const beginnings = [
      "\x80\x04\x95",
      "(dp0\n",
      "]q\x00",
      "}q\x00",
      "cposix\n",
      "(lp0\n",
      "B\x00\x00\x00\x00",
      "I1\n.",
    ];
    for (const text of beginnings) {
      assert.equal(sniffArchive(Uint8Array.from(text, (char) => char.charCodeAt(0))), null, JSON.stringify(text));
    }
    assert.equal(sniffArchive(new Uint8Array(0)), null);
  });
});

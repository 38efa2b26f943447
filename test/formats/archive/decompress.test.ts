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

  const zstdFrame = (descriptor: number): number[] => [0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor];

  test("a large zstd window costs nothing where the blocks are small", () => {
    const runs = new Array<number[]>(5000).fill([0x0a, 0, 0, 65]).flat();
    for (const descriptor of [0x00, 0x88]) {
      const bytes = Uint8Array.from([...zstdFrame(descriptor), ...runs, 0x0b, 0, 0, 65]);
      assert.equal((outcome("zstd", bytes) as Uint8Array).length, 5001);
    }
    const frames = Buffer.concat(
      Array.from({ length: 250 }, () => Uint8Array.from([...zstdFrame(0x88), 0x0b, 0, 0, 65])),
    );
    const startMs = performance.now();
    assert.equal((outcome("zstd", frames) as Uint8Array).length, 250);
    assert.ok(performance.now() - startMs < 1000);
  });

  test("zstd frames at the cap of what windows may cost take less than a second or so, and beyond it are refused", () => {
    // Compressed blocks that make nothing, each of which could make 128 KiB.
    const [block, last] = [
      [0x14, 0, 0, 0, 0],
      [0x15, 0, 0, 0, 0],
    ];
    const frame = (blocks: number): readonly number[] => [
      ...zstdFrame(0x88),
      ...Array.from({ length: blocks - 1 }, () => block).flat(),
      ...last,
    ];
    const frames = (blocks: number, count: number, padding: number): Uint8Array => {
      const pad = Buffer.alloc(8 + padding);
      pad.writeUInt32LE(0x184d2a50, 0);
      pad.writeUInt32LE(padding, 4);
      return Buffer.concat([pad, ...Array.from({ length: count }, () => Uint8Array.from(frame(blocks)))]);
    };
    for (const [blocks, count] of [
      [1, 14_000],
      [32, 100],
      [350, 1],
    ] as const) {
      const startMs = performance.now();
      assert.equal((outcome("zstd", frames(blocks, count, 24 << 20)) as Uint8Array).length, 0);
      assert.ok(performance.now() - startMs < 4000, `${blocks} blocks, ${count} times`);
      assert.equal(outcome("zstd", frames(blocks, count * 2 + 1, 200 << 20)), "FORMAT_FEATURE");
    }
  });

  test("lz4: lies about lengths, distances, sizes and checks are refused, and a bomb ends at the limit", () => {
    const whole = recordedBytes("lz4", "checked", "text");
    // The block's own checks stand behind it: without them what is inside is reached.
    const flagless = recordedBytes("lz4", "linked", "text").slice();
    const block = flagless.subarray(19);
    for (let at = 0; at < Math.min(block.length, 4000); at++) {
      for (const value of [0x00, 0xff, 0x0f, 0xf0]) {
        const changed = flagless.slice();
        changed[19 + at] = value;
        outcome("lz4", changed);
      }
    }
    for (let at = 4; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      assert.equal(typeof outcome("lz4", changed), "string", `byte ${at}`);
    }
    // One literal, then a match that goes on for ever: 255 after 255.
    const body = Uint8Array.from([0x1f, 65, 1, 0, ...new Array<number>(60_000).fill(255), 0, 0x50, 1, 2, 3, 4, 5]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    const bomb = Buffer.concat([lz4Header(), size, body, Buffer.alloc(4)]);
    assert.throws(() => decode("lz4", bomb, 1 << 20), { code: "FORMAT_LIMIT" });
    assert.throws(() => decode("lz4", bomb, 1 << 26), { code: "FORMAT_DAMAGED" });
    const back = Buffer.concat([
      lz4Header(),
      Buffer.from([5, 0, 0, 0]),
      Buffer.from([0x10, 65, 2, 0, 0]),
      Buffer.alloc(4),
    ]);
    assert.equal(outcome("lz4", back), "FORMAT_DAMAGED");
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

/** Linked blocks of up to 4 MiB, without checks and size. */
function lz4Header(): Uint8Array {
  return Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf]);
}

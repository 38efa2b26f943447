// The strict zip reader against Python's files, the hostile samples and archives that are wrong in one place each.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { openZip } from "../../../src/formats/archive/zip.ts";
import { payloads, recordedZip } from "./payloads.ts";
import { type MemberSpec, makeZip } from "./zip-maker.ts";

const options = { name: "model.skops", maxBytes: 64 << 20 };
const text = new TextEncoder().encode("{}");
const hostileFolder = process.env["TRIMARAN_SHARED"] ?? new URL("../../../../shared", import.meta.url).pathname;

function readAll(bytes: Uint8Array): void {
  const zip = openZip(bytes, options);
  for (const member of zip.members) zip.read(member.name);
}

function code(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "accepted";
}

function one(spec: Partial<MemberSpec>): Uint8Array {
  return makeZip([{ name: "schema.json", content: text, ...spec }]);
}

describe("openZip", () => {
  for (const variant of ["stored", "deflated"]) {
    test(`reads every member of Python's ${variant} archive`, () => {
      const zip = openZip(recordedZip(variant), options);
      assert.deepEqual(
        zip.members.map((member) => member.name),
        Object.keys(payloads).map((name) => `folder/${name}`),
      );
      for (const [name, payload] of Object.entries(payloads)) assert.deepEqual(zip.read(`folder/${name}`), payload);
    });
  }

  test("reads zip64 sizes, UTF-8 names and sizes that follow the content", () => {
    assert.deepEqual(openZip(recordedZip("zip64"), options).read("wide é"), payloads["text"]);
    assert.deepEqual(openZip(recordedZip("streamed"), options).read("folder/text"), payloads["text"]);
  });

  test("names the members when one is not there", () => {
    const zip = openZip(one({}), options);
    assert.equal(zip.has("toString"), false);
    assert.throws(() => zip.read("other"), { code: "MEMBER_NOT_FOUND", fix: /schema\.json/ });
  });

  const badNames = ["../evil", "a/../b", "/evil", "C:\\evil", "C:evil", "a\\b", "", "a//b", "./a", "a\0b"];
  for (const name of badNames) {
    test(`refuses the member name ${JSON.stringify(name)}`, () => {
      assert.equal(
        code(() => readAll(one({ name }))),
        "FORMAT_DAMAGED",
      );
    });
  }

  const wrong: readonly [string, Partial<MemberSpec>, string][] = [
    ["a symbolic link", { mode: 0o120777 }, "FORMAT_DAMAGED"],
    ["a device", { mode: 0o060644 }, "FORMAT_DAMAGED"],
    ["encryption", { flags: 0x801, localFlags: 0x801 }, "FORMAT_FEATURE"],
    ["encryption that only the local header tells of", { localFlags: 0x801 }, "FORMAT_DAMAGED"],
    ["an unknown compression method", { method: 93 }, "FORMAT_FEATURE"],
    ["another name in the local header", { localName: "other.json!" }, "FORMAT_DAMAGED"],
    ["another CRC-32 in the local header", { localCrc: 1 }, "FORMAT_DAMAGED"],
    ["another size in the local header", { localSize: 3 }, "FORMAT_DAMAGED"],
    ["a wrong CRC-32", { crc: 1, localCrc: 1 }, "FORMAT_DAMAGED"],
    ["a stored member with two sizes", { size: 3, localSize: 3 }, "FORMAT_DAMAGED"],
    ["a sentinel size without a zip64 field", { size: 0xffffffff, localSize: 0xffffffff }, "FORMAT_DAMAGED"],
    ["a local header outside of the file", { offset: 1 << 30 }, "FORMAT_DAMAGED"],
    ["a local header that is none", { offset: 1 }, "FORMAT_DAMAGED"],
  ];
  for (const [what, spec, expected] of wrong) {
    test(`refuses ${what}`, () =>
      assert.equal(
        code(() => readAll(one(spec))),
        expected,
      ));
  }

  test("refuses two members of one name, and two that share bytes", () => {
    const member = { name: "schema.json", content: text };
    assert.equal(
      code(() => readAll(makeZip([member, member]))),
      "FORMAT_DAMAGED",
    );
    const overlapping = makeZip([member, { ...member, name: "schema2json", offset: 0, localName: "schema.json" }]);
    assert.equal(
      code(() => readAll(overlapping)),
      "FORMAT_DAMAGED",
    );
  });

  test("refuses bytes after the directory and an archive comment", () => {
    const zip = one({});
    assert.equal(
      code(() => readAll(Buffer.concat([zip, text]))),
      "FORMAT_DAMAGED",
    );
  });

  test("stops at the number of members and at the sum of their sizes", () => {
    const zip = makeZip(["a", "b", "c"].map((name) => ({ name, content: text })));
    assert.equal(
      code(() => openZip(zip, { ...options, maxEntries: 2 })),
      "FORMAT_LIMIT",
    );
    assert.equal(
      code(() => openZip(zip, { ...options, maxBytes: 5 })),
      "FORMAT_LIMIT",
    );
    assert.equal(openZip(zip, { ...options, maxBytes: 6, maxEntries: 3 }).members.length, 3);
  });

  test("a cut or flipped archive is a typed error or gives the same bytes", () => {
    const zip = recordedZip("deflated");
    for (let end = 0; end < zip.length; end++) {
      assert.notEqual(
        code(() => readAll(zip.subarray(0, end))),
        "accepted",
        `cut at ${end}`,
      );
    }
    for (let bit = 0; bit < zip.length * 8; bit += 7) {
      const flipped = zip.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      code(() => readAll(flipped));
    }
  });

  for (const file of ["bomb.skops", "bomb_overlap.skops", "traversal.skops"]) {
    const path = `${hostileFolder}/data/hostile/${file}`;
    test(`refuses ${file} at once`, { skip: !existsSync(path) && `${file} is not here` }, () => {
      const bytes = new Uint8Array(readFileSync(path));
      const before = process.memoryUsage().rss;
      const startMs = performance.now();
      const expected = file === "bomb.skops" || file === "bomb_overlap.skops" ? "FORMAT_LIMIT" : "FORMAT_DAMAGED";
      assert.equal(
        code(() => readAll(bytes)),
        expected,
      );
      assert.ok(performance.now() - startMs < 1000);
      assert.ok(process.memoryUsage().rss - before < 100 << 20);
      if (file === "bomb_overlap.skops") {
        assert.equal(
          code(() => openZip(bytes, { ...options, maxBytes: 2 ** 40 })),
          "FORMAT_DAMAGED",
        );
      }
    });
  }
});

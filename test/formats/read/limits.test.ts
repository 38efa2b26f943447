// Limits of reading as a caller gives them: by the name that the error says, through every entry.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openModel as openInPage } from "../../../src/browser.ts";
import { readOnnx } from "../../../src/formats/onnx/read-onnx.ts";
import { assertLimits, limitNames } from "../../../src/formats/read/read-limits.ts";
import { openModel } from "../../../src/index.ts";
import { loadPredictor } from "../../../src/loaders/load-predictor.ts";
import { runCli } from "../../cli/run-in-process.ts";

const linear = new URL("../../../examples/ride-duration/lin_reg.bin", import.meta.url).pathname;
const skops = new URL("../../golden/mlflow/recorded/m317/sklearn/model.skops", import.meta.url).pathname;
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

describe("a limit that is given", () => {
  test("holds for a path, for bytes, in a page and in a worker thread", async () => {
    const limits = { maxOpcodes: 10 };
    const wanted = { code: "FORMAT_LIMIT", message: /maxOpcodes of 10/, fix: /--limit maxOpcodes=NUMBER/ };
    await assert.rejects(openModel(linear, { limits }), wanted);
    await assert.rejects(openModel({ name: "linear", bytes: bytesOf(linear) }, { limits }), wanted);
    await assert.rejects(openInPage({ name: "linear", bytes: bytesOf(linear) }, { limits }), wanted);
    await assert.rejects(loadPredictor([linear], { limits, place: "worker" }), wanted);
  });

  test("holds for what comes out of a compressed file, for its members and for a skops file", async () => {
    const compressed = gzipSync(bytesOf(linear));
    const open = (bytes: Uint8Array, limits: object): Promise<unknown> =>
      openModel({ name: "file", bytes }, { limits });
    await assert.rejects(open(compressed, { maxDecompressedBytes: 1000 }), /maxDecompressedBytes of 1000/);
    const members = Buffer.concat(Array.from({ length: 9 }, () => gzipSync(Buffer.alloc(1))));
    await assert.rejects(open(members, { maxMembers: 8 }), /maxMembers of 8/);
    await assert.rejects(open(bytesOf(skops), { maxNodes: 3 }), /maxNodes of 3/);
    await assert.rejects(open(bytesOf(skops), { maxDepth: 2 }), /maxDepth of 2/);
    await open(bytesOf(skops), { maxNodes: 1e9, maxDecompressedBytes: 1e9 });
  });

  test("is refused when there is none of that name, or when it is no number", () => {
    assert.throws(() => assertLimits({ maxOpcode: 1 }), {
      code: "USAGE_INVALID",
      message: /did you mean.*maxOpcodes/i,
    });
    assert.throws(() => assertLimits({ maxOpcodes: -1 }), { code: "USAGE_INVALID" });
    assert.throws(() => assertLimits({ maxOpcodes: Number.NaN }), { code: "USAGE_INVALID" });
    assert.ok(limitNames.length > 10);
  });

  test("is taken by every command that reads a model", async () => {
    for (const argv of [
      ["inspect", linear],
      ["init", linear, "-o", "/nowhere/x.yaml"],
      ["check", linear],
      ["predict", linear],
      ["export", linear, "-o", "-"],
    ]) {
      const { code, stderr } = await runCli([...argv, "--limit", "maxOpcodes=10,maxMemo=5"]);
      assert.match(stderr, /goes over the limit maxOpcodes of 10/, argv[0]);
      assert.equal(code, 1);
      const wrong = await runCli([...argv, "--limit", "maxOpcodes"]);
      assert.equal(wrong.code, 2, argv[0]);
    }
    assert.equal((await runCli(["check", linear], { env: { TRIMARAN_LIMIT: "maxOpcodes=10" } })).code, 1);
  });
});

/** A field of a protocol buffer. */
const field = (number: number, inner: Uint8Array): Uint8Array => {
  const length: number[] = [];
  for (let rest = inner.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) break;
  }
  return Buffer.concat([Uint8Array.of(number * 8 + 2), Uint8Array.from(length), inner]);
};

describe("an ONNX file", () => {
  const version = Uint8Array.of(8, 8);
  const heldBy = (bytes: Uint8Array, code: RegExp): number => {
    const before = process.memoryUsage().rss;
    assert.throws(() => readOnnx(bytes, "hostile"), { code });
    return process.memoryUsage().rss - before;
  };

  test("with a million empty attributes costs little", () => {
    const empty = new Uint8Array(3_000_000).map((_, at) => (at % 2 === 0 ? 5 * 8 + 2 : 0));
    const bytes = Buffer.concat([version, field(7, field(1, empty))]);
    assert.ok(heldBy(bytes, /^ONNX_SIGNATURE$/) < 200e6);
  });

  test("with a million empty inputs is refused by a limit that can be raised", () => {
    const empty = new Uint8Array(2_000_000).map((_, at) => (at % 2 === 0 ? 11 * 8 + 2 : 0));
    const bytes = Buffer.concat([version, field(7, empty)]);
    assert.ok(heldBy(bytes, /^FORMAT_LIMIT$/) < 200e6);
    assert.throws(() => readOnnx(bytes, "hostile", { maxPorts: 2e6 }), { code: "ONNX_SIGNATURE" });
  });
});

// Joblib files of every compressor, protocol and padding rule, cut, flipped and hostile; real models where they are here.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { type JoblibReading, scanJoblib } from "../../../src/formats/numpy/joblib-file.ts";
import { isArray, readArray } from "../../../src/formats/numpy/ndarray.ts";
import { numpyNames } from "../../../src/formats/numpy/numpy-names.ts";
import { allowList } from "../../../src/formats/pickle/allow-list.ts";
import { auditPickle } from "../../../src/formats/pickle/audit.ts";
import { pythonNames } from "../../../src/formats/pickle/python-names.ts";
import { dictGet, isNode, type PyValue } from "../../../src/formats/pickle/tree.ts";
import { bytesOf, plainValues, recordings } from "./recorded.ts";

const names = allowList(pythonNames, numpyNames);
const shared = process.env["TRIMARAN_SHARED"] ?? new URL("../../../../shared", import.meta.url).pathname;

for (const recording of recordings) {
  describe(`joblib ${recording.versions["joblib"]}`, () => {
    for (const { compress, protocol, base64 } of recording.joblib.files) {
      test(`reads every array of a file of protocol ${protocol}, compressed with ${compress ?? "nothing"}`, () => {
        const { reading, compression, joblib } = scanJoblib(bytesOf(base64), { name: "model.joblib" });
        assert.equal(reading.problem, null);
        assert.deepEqual(auditPickle(reading, names), []);
        assert.deepEqual([compression, joblib, reading.trailingBytes], [compress, true, 0]);
        const { root } = reading;
        assert.ok(isNode(root) && root.kind === "dict");
        assert.deepEqual(root.keys, Object.keys(recording.joblib.arrays));
        for (const [name, expected] of Object.entries(recording.joblib.arrays)) {
          const array = readArray(dictGet(root, name), name);
          assert.deepEqual([array.shape, plainValues(array)], [expected.shape, expected.values], name);
        }
      });
    }
  });
}

const [first] = recordings;
const raw = bytesOf(first?.joblib.files.find((file) => file.compress === null && file.protocol === 4)?.base64 ?? "");

function readEverything(reading: JoblibReading): void {
  const { root } = reading.reading;
  if (!isNode(root) || root.kind !== "dict") return;
  for (const value of root.values) if (isArray(value)) plainValues(readArray(value, "array"));
}

describe("scanJoblib", () => {
  test("a cut file is a typed problem at every offset", () => {
    assert.ok(raw.length > 1000 && raw.length < 16384);
    for (let end = 0; end < raw.length; end++) {
      const { reading } = scanJoblib(raw.subarray(0, end), { name: "cut" });
      assert.ok(isTrimaranError(reading.problem), `cut at ${end}`);
      assert.notEqual(reading.problem.code, "INTERNAL");
    }
  });

  test("a flipped bit gives a value or a typed error", () => {
    for (let bit = 0; bit < raw.length * 8; bit += 5) {
      const flipped = raw.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        const result = scanJoblib(flipped, { name: "flipped" });
        assert.notEqual(result.reading.problem?.code, "INTERNAL", `bit ${bit}`);
        readEverything(result);
      } catch (error) {
        assert.ok(isTrimaranError(error), `bit ${bit}: ${error}`);
      }
    }
  });

  test("reads a plain pickle the same way, and one that is gzipped by another program", () => {
    const pickle = new TextEncoder().encode("\x80\x02}q\x00.").slice(1);
    pickle[0] = 0x80;
    const plain = scanJoblib(pickle, { name: "model.pkl" });
    assert.deepEqual([plain.compression, plain.joblib, plain.reading.problem], [null, false, null]);
    const gz = scanJoblib(new Uint8Array(gzipSync(pickle)), { name: "model.pkl.gz" });
    assert.deepEqual([gz.compression, gz.joblib, gz.reading.problem], ["gzip", false, null]);
  });

  test("stops a compression bomb at a multiple of its size, and says how to raise the limit", () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(80 << 20)));
    const { reading } = scanJoblib(bomb, { name: "bomb" });
    assert.equal(reading.problem?.code, "FORMAT_LIMIT");
    assert.match(reading.problem?.fix ?? "", /maxDecompressedBytes/);
    const small = scanJoblib(bomb, { name: "bomb", maxDecompressedBytes: 1000 });
    assert.equal(small.reading.problem?.code, "FORMAT_LIMIT");
  });

  test("says that files of joblib 0.9 are not supported", () => {
    const { reading } = scanJoblib(new TextEncoder().encode("ZF0x6a               x"), { name: "old" });
    assert.equal(reading.problem?.code, "FORMAT_FEATURE");
    const wrapper = "cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}b.";
    const old = scanJoblib(
      Uint8Array.from(wrapper, (char) => char.charCodeAt(0)),
      { name: "old" },
    );
    assert.equal(old.reading.problem?.code, "FORMAT_FEATURE");
  });

  for (const file of ["wrapper.joblib", "after_array.joblib"]) {
    const path = `${shared}/data/hostile/${file}`;
    test(`finds the call behind the raw bytes of ${file}`, { skip: !existsSync(path) && `${file} is not here` }, () => {
      const { reading } = scanJoblib(new Uint8Array(readFileSync(path)), { name: file });
      const found = auditPickle(reading, names).filter((finding) => finding.severity === "danger");
      assert.deepEqual(
        found.map(({ module, name }) => `${module}.${name}`),
        ["posix.system"],
      );
    });
  }

  const models = `${shared}/data/models`;
  const files = existsSync(models) ? readdirSync(models).filter((file) => /\.(pkl|joblib|gz|bin)$/.test(file)) : [];
  test("has real models to read", { skip: files.length === 0 && "shared/data/models is not here" }, () => {
    assert.ok(files.length >= 20);
  });
  for (const file of files) {
    test(`reads ${file} to its end, and every array in it`, () => {
      const { reading, joblib } = scanJoblib(new Uint8Array(readFileSync(`${models}/${file}`)), { name: file });
      assert.equal(reading.problem, null);
      assert.equal(reading.trailingBytes, 0);
      assert.equal(joblib, file.includes("joblib"));
      const dangers = auditPickle(reading, names).filter(({ module }) => /^(numpy|scipy|joblib)(\.|$)/.test(module));
      assert.deepEqual(dangers, []);
      assert.ok(countArrays(reading.root) > 0 || /xgb|lgbm/.test(file));
    });
  }
});

/** Reads every array that the tree reaches; shared nodes once. */
function countArrays(root: PyValue | undefined): number {
  const seen = new Set<PyValue>();
  const waiting: (PyValue | undefined)[] = [root];
  let count = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (!isNode(value) || seen.has(value)) continue;
    seen.add(value);
    if (isArray(value)) {
      readArray(value, "array");
      count++;
    }
    if (value.kind === "object") {
      waiting.push(value.args, value.entries, ...value.states);
      for (const item of value.appended) waiting.push(item);
    } else if (value.kind === "dict") {
      for (const item of value.values) waiting.push(item);
    } else if (value.kind === "list" || value.kind === "tuple" || value.kind === "set") {
      for (const item of value.items) waiting.push(item);
    }
  }
  return count;
}

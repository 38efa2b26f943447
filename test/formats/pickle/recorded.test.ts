// Pickles that CPython wrote, at every protocol and by both of its picklers, give the value that it pickled.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { allowList } from "../../../src/formats/pickle/allow-list.ts";
import { assertTrusted, auditPickle } from "../../../src/formats/pickle/audit.ts";
import { pythonNames } from "../../../src/formats/pickle/python-names.ts";
import { readPickle } from "../../../src/formats/pickle/read-pickle.ts";
import { plainRecorded, plainValue } from "./plain-value.ts";
import { decodeBase64, recordedPickles } from "./recorded-pickles.ts";

const { python, cases } = recordedPickles();

describe(`what Python ${python} pickled`, () => {
  for (const { name, value, pickles } of cases) {
    for (const [writer, base64] of Object.entries(pickles)) {
      test(`reads ${name}, written by ${writer}`, () => {
        const bytes = decodeBase64(base64);
        const reading = readPickle(bytes, { name });
        assert.deepEqual(plainValue(reading.root), plainRecorded(JSON.parse(value)));
        assert.equal(reading.endOffset, bytes.length);
        assert.equal(reading.trailingBytes, 0);
        if (!writer.endsWith("0") && !writer.endsWith("1")) assert.equal(reading.protocol, Number(writer.slice(-1)));
      });
    }
  }

  test("asks for no name beyond Python's own list, except argparse.Namespace", () => {
    const list = allowList(pythonNames);
    const refused = new Set<string>();
    for (const { name, pickles } of cases) {
      for (const base64 of Object.values(pickles)) {
        const reading = readPickle(decodeBase64(base64), { name });
        for (const finding of auditPickle(reading, list)) refused.add(`${finding.module}.${finding.name}`);
        if (name !== "namespace") assertTrusted(reading, list, name);
      }
    }
    assert.deepEqual([...refused], ["argparse.Namespace"]);
  });
});

// Answers become lines of NDJSON or rows of CSV.
import assert from "node:assert/strict";
import { test } from "node:test";
import { trimaranError } from "../../src/base/errors.ts";
import { csvEncoder, ndjsonEncoder } from "../../src/tables/row-encoder.ts";

const issues = [{ path: "/a", code: "wrong_type", message: 'must be "a number", not this' }];
const error = trimaranError("ROW_INVALID", { count: 1, first: "x" }, { issues });

test("NDJSON keeps the text of an answer and writes an error in its place", () => {
  assert.equal(ndjsonEncoder.answer('{"predict":-0}'), '{"predict":-0}\n');
  const { error: told } = JSON.parse(ndjsonEncoder.failure(error)) as { error: Record<string, unknown> };
  assert.deepEqual(Object.keys(told), ["code", "kind", "message", "fix", "issues"]);
  assert.deepEqual(told["issues"], issues);
});

test("CSV writes a column an output and keeps every number's text", () => {
  const csv = csvEncoder(["a", "b", "c", "d"]);
  assert.equal(csv.head, "a,b,c,d,error\n");
  assert.equal(csv.answer('{"a":0.1,"b":9007199254740993,"c":-0,"d":[1,2.5]}'), '0.1,9007199254740993,-0,"[1,2.5]",\n');
  assert.equal(csv.answer('{"a":null,"b":"Infinity","c":true,"d":"x,\\"y\\""}'), ',Infinity,true,"x,""y""",\n');
  assert.equal(csv.failure(error), ',,,,"/a: must be ""a number"", not this"\n');
});

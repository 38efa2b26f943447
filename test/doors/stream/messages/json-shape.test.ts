// JSON messages: the course's envelope, plain rows, what is kept, and hostile bytes.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isTrimaranError } from "../../../../src/base/errors.ts";
import { openDefinition } from "../../../../src/deployment/open-definition.ts";
import type { StreamSection } from "../../../../src/deployment/sections.ts";
import { checkMessageShape } from "../../../../src/doors/stream/messages/check-message-shape.ts";
import type { MessageShape } from "../../../../src/doors/stream/messages/shape.ts";
import { bareShape, courseSection, record, refusal, rideShape } from "./service.ts";

function answer(
  shape: MessageShape,
  text: string,
  output: Readonly<Record<string, unknown>> = { duration: 21.5 },
): string {
  const decoded = shape.decode(record(text));
  assert.equal(decoded.kind, "row");
  assert.ok(decoded.kind === "row");
  const { value } = shape.encode(output, decoded.carried, "Test123");
  return Buffer.from(value!).toString();
}

describe("the course's message", () => {
  const shape = rideShape(courseSection);
  const text = '{"ride":{"PULocationID":130,"DOLocationID":205,"trip_distance":3.66},"ride_id":256}';

  test("gives the row below `at`, and the course's answer", () => {
    const decoded = shape.decode(record(text));
    assert.ok(decoded.kind === "row");
    assert.deepEqual(decoded.row, { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 });
    assert.equal(shape.rowPath, "/ride");
    assert.equal(
      answer(shape, text, { duration: 21.294545348333415 }),
      '{"model":"ride_duration_prediction_model","version":"Test123","prediction":{"ride_duration":21.294545348333415,"ride_id":256}}',
    );
  });

  test("keeps key, headers and time", () => {
    const decoded = shape.decode(record(text, { traceparent: "00-ab" }));
    assert.ok(decoded.kind === "row");
    const { key, headers, timestamp } = shape.encode({ duration: 1 }, decoded.carried, "1");
    assert.equal(String(key), "256");
    assert.deepEqual(headers, [["traceparent", Buffer.from("00-ab")]]);
    assert.equal(timestamp, 1_700_000_000_000);
  });

  test("without its ride or its ride_id is poison, with the place", () => {
    assert.deepEqual(refusal(shape, '{"ride_id":1}'), ["/ride missing_field"]);
    assert.deepEqual(refusal(shape, '{"ride":{}}'), ["/ride_id missing_field"]);
    assert.deepEqual(refusal(shape, "[]"), [" wrong_type"]);
    assert.deepEqual(refusal(shape, "7"), [" wrong_type"]);
  });

  test("copies what it keeps exactly, whatever it is", () => {
    for (const kept of [
      "12345678901234567890123",
      "-9007199254740993",
      "null",
      '{"a":[9007199254740993,1.5]}',
      '"é\\n"',
      "true",
    ]) {
      const told = answer(shape, `{"ride":{},"ride_id":${kept}}`);
      assert.ok(told.endsWith(`"ride_id":${kept}}}`), told);
    }
    assert.ok(answer(shape, '{"ride":{},"ride\\u005fid":9007199254740993}').endsWith('"ride_id":9007199254740993}}'));
    assert.deepEqual(refusal(shape, '{"ride":{},"ride_id":[1e999]}'), ["/ride_id/0 not_finite"]);
  });
});

describe("a plain row", () => {
  test("is answered by the outputs with the version beside them", () => {
    assert.equal(answer(rideShape(), '{"PULocationID":1}'), '{"duration":21.5,"model_version":"Test123"}');
    assert.equal(
      answer(bareShape(), "[1,2]", { predict: [1.5, "a"] }),
      '{"predict":[1.5,"a"],"model_version":"Test123"}',
    );
  });

  test("may be kept in part", () => {
    const shape = rideShape({ keep: ["PULocationID"], rename: { duration: "minutes" } });
    assert.equal(answer(shape, '{"PULocationID":7}'), '{"minutes":21.5,"PULocationID":7,"model_version":"Test123"}');
  });

  test("of a model alone may hold no number that a double cannot", () => {
    assert.deepEqual(refusal(bareShape(), "[1,[2,-1e999]]"), ["/1/1 not_finite"]);
  });
});

describe("a path", () => {
  test("leads by dots or as a JSON Pointer; a pointer's step may hold a dot", () => {
    for (const at of ["a.b", "/a/b", "/x.y/0"]) {
      const decoded = rideShape({ at }).decode(record('{"a":{"b":{"n":1}},"x.y":[{"n":1}]}'));
      assert.ok(decoded.kind === "row");
      assert.deepEqual(decoded.row, { n: 1 });
    }
    assert.deepEqual(refusal(rideShape({ at: "a.b" }), '{"a":3}'), ["/a wrong_type"]);
    assert.deepEqual(refusal(rideShape({ at: "constructor" }), "{}"), ["/constructor missing_field"]);
    assert.deepEqual(refusal(rideShape({ at: "/a/length" }), '{"a":[1]}'), ["/a wrong_type"]);
  });
});

describe("hostile bytes", () => {
  const shape = rideShape(courseSection);

  test("are refused with a code each", () => {
    assert.deepEqual(refusal(shape, null), [" empty"]);
    assert.deepEqual(refusal(shape, ""), [" empty"]);
    assert.deepEqual(refusal(shape, "{"), [" not_json"]);
    assert.deepEqual(refusal(shape, '{"ride":NaN}'), [" not_json"]);
    assert.deepEqual(refusal(shape, '{"a":1}{"a":1}'), [" not_json"]);
    assert.deepEqual(refusal(shape, '{"\\u0061":1,"a":1}'), [" duplicate_key"]);
    assert.deepEqual(refusal(shape, '{"ride":{"a":1,"a":2},"ride_id":1}'), [" duplicate_key"]);
    assert.deepEqual(refusal(shape, Buffer.from([0x22, 0xff, 0x22])), [" not_json"]);
    assert.deepEqual(refusal(shape, Buffer.from([0, 0, 0, 0, 1, 2])), [" not_json"]);
    assert.deepEqual(refusal(shape, '"\\q": \\'), [" not_json"]);
    assert.deepEqual(refusal(shape, `${"[".repeat(65)}${"]".repeat(65)}`), [" too_deep"]);
    const small = rideShape(courseSection, { limits: { maxBytes: 10 } });
    assert.deepEqual(refusal(small, "[1,2,3,4,5,6]"), [" too_large"]);
  });

  test("are taken where they are sound: a byte order mark, __proto__ as a name", () => {
    const decoded = shape.decode(record('\ufeff{"ride":{"__proto__":{"x":1}},"ride_id":{"__proto__":2}}'));
    assert.ok(decoded.kind === "row");
    assert.deepEqual(Object.keys(decoded.row as object), ["__proto__"]);
    assert.equal(Object.getPrototypeOf(decoded.row), Object.prototype);
    const { value } = shape.encode({ duration: 1 }, decoded.carried, "v");
    assert.ok(Buffer.from(value!).toString().endsWith('"ride_id":{"__proto__":2}}}'));
  });

  test("never make it throw", () => {
    const sound = Buffer.from('{"ride":{"a":[1,"\\u00e9",null]},"ride_id":9007199254740993}');
    for (let at = 0; at < sound.length; at++) {
      shape.decode(record(sound.subarray(0, at)));
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(sound);
        flipped[at]! ^= 1 << bit;
        shape.decode(record(flipped));
      }
    }
  });
});

test("a section whose names collide or lead nowhere is refused with every issue", () => {
  const issuesOf = (section: StreamSection): readonly string[] => {
    try {
      rideShape(section);
      return [];
    } catch (error) {
      assert.ok(isTrimaranError(error));
      return [error.code, ...error.issues.map(({ path }) => path)];
    }
  };
  assert.deepEqual(issuesOf({ rename: { durration: "x" } }), ["STREAM_SHAPE_INVALID", "/stream/rename/durration"]);
  assert.deepEqual(issuesOf({ keep: ["duration"] }), ["STREAM_SHAPE_INVALID", "/stream/keep/0"]);
  assert.deepEqual(issuesOf({ keep: ["a.id", "b.id"] }), ["STREAM_SHAPE_INVALID", "/stream/keep/1"]);
  assert.deepEqual(issuesOf({ rename: { duration: "model_version" } }), [
    "STREAM_SHAPE_INVALID",
    "/stream/rename/duration",
  ]);
  assert.deepEqual(issuesOf({ model: "m", rename: { duration: "model_version" } }), []);
  assert.deepEqual(issuesOf({ format: "xml" }), ["STREAM_FORMAT"]);
  assert.deepEqual(issuesOf({ format: "avro" }), ["SCHEMA_REGISTRY_MISSING"]);
});

test("`check` finds what is wrong with a section before any message comes", async () => {
  const { definition } = await openDefinition(fileURLToPath(example));
  const issuesOf = (stream: StreamSection | null): readonly string[] =>
    checkMessageShape({ name: "r", methods: [], deployment: { ...definition, stream } }).map(({ path }) => path);
  assert.deepEqual(issuesOf(null), []);
  assert.deepEqual(issuesOf(definition.stream), []);
  assert.deepEqual(issuesOf({ rename: { durration: "x" } }), ["/stream/rename/durration"]);
  assert.deepEqual(issuesOf({ format: "xml" }), ["/stream/format"]);
  assert.deepEqual(issuesOf({ format: "avro" }), []);
  assert.deepEqual(issuesOf({ format: "avro", schemaRegistry: "ftp://x" }), ["/stream/schemaRegistry"]);
});

const example = new URL("../../../../examples/ride-duration/deployment.ts", import.meta.url);

// CloudEvents 1.0, structured and binary, as the JSON format and the Kafka binding of the specification have them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MessageShape } from "../../../../src/doors/stream/messages/shape.ts";
import { courseSection, type Headers, record, refusal, rideShape } from "./service.ts";

const data = '{"ride":{"PULocationID":130},"ride_id":9007199254740993}';
const context = { specversion: "1.0", id: "e-1", source: "/rides", type: "ride.started" };
const structuredHeaders: Headers = { "content-type": "application/cloudevents+json; charset=utf-8", trace: "t" };
const binaryHeaders: Headers = {
  "content-type": "application/json",
  ce_specversion: "1.0",
  ce_id: "e-1",
  ce_source: "/rides",
  ce_type: "ride.started",
  ce_subject: "Fahrt-ä",
  ce_time: "2026-01-31T12:00:00.5Z",
  ce_traceparent: "00-ab",
  trace: "t",
};

function event(more: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ ...context, ...more }).slice(0, -1)},"data":${data}}`;
}

interface Told {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly timestamp: number | undefined;
}

function answer(shape: MessageShape, value: string, headers: Headers): Told {
  const decoded = shape.decode(record(value, headers));
  assert.ok(decoded.kind === "row");
  assert.deepEqual(decoded.row, { PULocationID: 130 });
  const told = shape.encode({ duration: 21.5 }, decoded.carried, "1");
  return {
    headers: Object.fromEntries(told.headers.map(([name, bytes]) => [name, Buffer.from(bytes!).toString()])),
    text: Buffer.from(told.value!).toString(),
    timestamp: told.timestamp,
  };
}

const answerData =
  '{"model":"ride_duration_prediction_model","version":"1","prediction":{"ride_duration":21.5,"ride_id":9007199254740993}}';

describe("a structured event", () => {
  const shape = rideShape({ ...courseSection, format: "cloudevents" });

  test("is answered by a structured event with an id of its place, and the subject, time and extensions of its own", () => {
    const more = {
      subject: "s",
      time: "2026-01-31T12:00:00Z",
      partitionkey: "p",
      sampled: true,
      dataschema: "/x",
      left: null,
    };
    const { headers, text, timestamp } = answer(shape, event(more), structuredHeaders);
    assert.deepEqual(headers, { trace: "t", "content-type": "application/cloudevents+json; charset=UTF-8" });
    assert.deepEqual(JSON.parse(text), {
      specversion: "1.0",
      id: "rides/3/42",
      source: "/trimaran/ride-duration",
      type: "trimaran.prediction",
      subject: "s",
      time: "2026-01-31T12:00:00Z",
      partitionkey: "p",
      sampled: true,
      datacontenttype: "application/json",
      data: JSON.parse(answerData),
    });
    assert.ok(text.endsWith(`"data":${answerData}}`));
    assert.equal(timestamp, 1_700_000_000_000);
  });

  test("comes without headers from a file, and with base64 data", () => {
    assert.ok(answer(shape, event(), {}).text.includes(answerData));
    const base64 = JSON.stringify({ ...context, data_base64: Buffer.from(data).toString("base64") });
    assert.ok(answer(shape, base64, structuredHeaders).text.includes(answerData));
  });

  test("that is none is refused, with the place", () => {
    const of = (value: unknown): readonly string[] => refusal(shape, JSON.stringify(value), structuredHeaders);
    assert.deepEqual(of({ ...context, id: undefined, data: {} }), ["/id missing_field"]);
    assert.deepEqual(of({ ...context, specversion: "0.3", type: "", data: {} }), [
      "/specversion not_allowed",
      "/type wrong_type",
    ]);
    assert.deepEqual(of({ ...context }), ["/data empty"]);
    assert.deepEqual(of({ ...context, data: {}, data_base64: "" }), ["/data_base64 duplicate_key"]);
    assert.deepEqual(of({ ...context, data_base64: "a" }), ["/data_base64 bad_format"]);
    assert.deepEqual(of({ ...context, data: "<a/>", datacontenttype: "text/xml" }), [
      "/datacontenttype bad_content_type",
    ]);
    assert.deepEqual(of({ ...context, data: {}, time: "yesterday" }), ["/time bad_format"]);
    assert.deepEqual(of({ ...context, data: {}, extra: {} }), ["/extra wrong_type"]);
    assert.deepEqual(of({ ...context, data: {} }), ["/data/ride missing_field"]);
    assert.deepEqual(of([]), [" wrong_type"]);
    assert.deepEqual(refusal(shape, event(), { "content-type": "application/cloudevents-batch+json" }), [
      " bad_content_type",
    ]);
    assert.deepEqual(refusal(shape, event(), { ce_id: "e-1" }), ["/specversion missing_field"]);
  });
});

describe("a binary event", () => {
  const shape = rideShape({
    ...courseSection,
    format: "cloudevents",
    eventType: "ride.predicted",
    eventSource: "urn:x",
  });

  test("is answered by a binary event", () => {
    const { headers, text } = answer(shape, data, binaryHeaders);
    assert.deepEqual(headers, {
      trace: "t",
      "content-type": "application/json",
      ce_specversion: "1.0",
      ce_id: "rides/3/42",
      ce_source: "urn:x",
      ce_type: "ride.predicted",
      ce_subject: "Fahrt-ä",
      ce_time: "2026-01-31T12:00:00.5Z",
      ce_traceparent: "00-ab",
    });
    assert.equal(text, answerData);
  });

  test("that is none is refused, with the place", () => {
    assert.deepEqual(refusal(shape, data, { ...binaryHeaders, ce_id: "" }), ["/id wrong_type"]);
    assert.deepEqual(refusal(shape, data, { ...binaryHeaders, CE_ID: "again" }), ["/id duplicate_key"]);
    assert.deepEqual(refusal(shape, "", binaryHeaders), ["/data empty"]);
    assert.deepEqual(refusal(shape, "{", binaryHeaders), ["/data not_json"]);
    assert.deepEqual(refusal(shape, data, { ...binaryHeaders, "content-type": "avro/binary" }), [
      "/datacontenttype bad_content_type",
    ]);
    assert.deepEqual(refusal(shape, data, { ...binaryHeaders, "ce_a-b": "x" }), [" bad_format"]);
  });
});

test("plain JSON may be answered by events, and events by plain JSON", () => {
  const wrap = rideShape({ ...courseSection, outputFormat: "cloudevents" });
  const wrapped = answer(wrap, data, { trace: "t", "Content-Type": "application/json", ce_id: "x" });
  assert.deepEqual(wrapped.headers, { trace: "t", "content-type": "application/cloudevents+json; charset=UTF-8" });
  const told = JSON.parse(wrapped.text) as Record<string, unknown>;
  assert.equal(told["time"], "2023-11-14T22:13:20.000Z");
  for (const timestamp of [-1, 9e18]) {
    const decoded = wrap.decode({ ...record(data), timestamp });
    assert.ok(decoded.kind === "row");
    const { value } = wrap.encode({ duration: 1 }, decoded.carried, "1");
    assert.equal("time" in (JSON.parse(Buffer.from(value!).toString()) as object), false);
  }
  const unwrap = rideShape({ ...courseSection, format: "cloudevents", outputFormat: "json" });
  assert.deepEqual(answer(unwrap, data, binaryHeaders).headers, { trace: "t" });
});

test("an event that was bent in any place is refused or read, and nothing else", () => {
  const shape = rideShape({ ...courseSection, format: "cloudevents" });
  const sound = Buffer.from(event({ subject: "s", time: "2026-01-31T12:00:00Z" }));
  for (let at = 0; at < sound.length; at++) {
    shape.decode(record(sound.subarray(0, at), structuredHeaders));
    for (let bit = 0; bit < 8; bit++) {
      const bent = Buffer.from(sound);
      bent[at]! ^= 1 << bit;
      const decoded = shape.decode(record(bent));
      if (decoded.kind === "row") shape.encode({ duration: 1 }, decoded.carried, "1");
    }
  }
  const odd = {
    ...record(data),
    headers: [["content-type", Buffer.from([0xff])] as const, ["ce_specversion", null] as const],
  };
  assert.equal(shape.decode(odd).kind, "refused");
});

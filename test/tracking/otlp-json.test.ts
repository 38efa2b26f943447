// Spans by OpenTelemetry's JSON: what its exporters in other languages than Python send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { protobufOfJson } from "../../src/tracking/otlp/json-spans.ts";
import { readSpans } from "../../src/tracking/otlp/span.ts";
import { trackingServer } from "./tracking-server.ts";

const traceId = "5b8efff798038103d269b633813fc60c";
const span = {
  traceId,
  spanId: "EEE19B7EC3C1B174",
  parentSpanId: "",
  name: "é 😀",
  kind: "SPAN_KIND_SERVER",
  startTimeUnixNano: "1544712660000000001",
  endTimeUnixNano: "1544712661500000000",
  attributes: [
    { key: "text", value: { stringValue: "" } },
    { key: "whole", value: { intValue: "-9007199254740993" } },
    { key: "small", value: { intValue: 7 } },
    { key: "share", value: { doubleValue: 1.5 } },
    { key: "not", value: { boolValue: false } },
    { key: "none", value: {} },
    { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, { arrayValue: { values: [] } }] } } },
    { key: "map", value: { kvlistValue: { values: [{ key: "k", value: { bytesValue: "AQI=" } }] } } },
  ],
  events: [{ timeUnixNano: "1544712660300000000", name: "e", attributes: [] }],
  links: [{ traceId, spanId: "00f067aa0ba902b7" }],
  status: { code: 2, message: "no" },
  flags: 257,
};
const request = (spans: readonly unknown[]): string =>
  JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: "s" }, spans }] }] });

test("every kind of value arrives as it was sent", () => {
  const [read] = readSpans(protobufOfJson(Buffer.from(request([span]))));
  assert.ok(read !== undefined);
  assert.deepEqual(
    [read.traceId, read.spanId, read.parentSpanId, read.name, read.status, read.start, read.end],
    [`tr-${traceId}`, "eee19b7ec3c1b174", null, "é 😀", "ERROR", 1544712660000000001n, 1544712661500000000n],
  );
  assert.deepEqual(Object.fromEntries(read.attributes), {
    text: '""',
    whole: "-9007199254740993",
    small: "7",
    share: "1.5",
    not: "false",
    none: "null",
    list: '["a", []]',
    map: '{"k": "AQI="}',
    "mlflow.traceRequestId": `"tr-${traceId}"`,
  });
});

test("a trace that came as JSON is read, searched and told like any other", async () => {
  await using server = await trackingServer();
  const headers = { "content-type": "application/json; charset=utf-8", "x-mlflow-experiment-id": "0" };
  const { status, text } = await server.ask("POST", "/v1/traces", request([span]), headers);
  assert.deepEqual([status, text], [200, "{}"]);
  const { json } = await server.ask("GET", `/api/3.0/mlflow/traces/get?trace_id=tr-${traceId}`);
  const { trace_info, spans } = json["trace"] as { trace_info: { state: string }; spans: { name: string }[] };
  assert.deepEqual([trace_info.state, spans.map(({ name }) => name)], ["ERROR", ["é 😀"]]);
  const zipped = gzipSync(request([{ ...span, spanId: "0000000000000001" }]));
  const posted = await fetch(`http://127.0.0.1:${server.port}/v1/traces`, {
    method: "POST",
    headers: { ...headers, "content-encoding": "gzip" },
    body: zipped,
  });
  assert.equal(posted.status, 200);
});

test("JSON that is no spans is refused, however it is wrong", async () => {
  await using server = await trackingServer();
  const headers = { "content-type": "application/json", "x-mlflow-experiment-id": "0" };
  const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => ({ arrayValue: { values: [inner] } }), {
    stringValue: "x",
  });
  const wrong: readonly object[] = [
    { traceId: "zz" },
    { traceId: 5 },
    { traceId: "00" },
    { spanId: `${"0".repeat(400)}` },
    { name: 5 },
    { kind: "NOPE" },
    { kind: -1 },
    { startTimeUnixNano: "soon" },
    { startTimeUnixNano: 1.5 },
    { attributes: 5 },
    { attributes: [5] },
    { attributes: [{ key: "k", value: { intValue: "x" } }] },
    { attributes: [{ key: "k", value: deep }] },
    { status: [] },
  ];
  const bodies = ["", "{", "[]", "null", "5", '{"resourceSpans":5}', "{}", '{"resourceSpans":[{"scopeSpans":[5]}]}'];
  for (const body of [...bodies, ...wrong.map((each) => request([{ ...span, ...each }]))]) {
    const { status, json } = await server.ask("POST", "/v1/traces", body, headers);
    assert.deepEqual([status, json["error_code"]], [400, "INVALID_PARAMETER_VALUE"], body.slice(0, 200));
  }
});

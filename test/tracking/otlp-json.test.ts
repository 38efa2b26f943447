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

test("models, tokens and costs of spans are figures of their trace, each counted once", async () => {
  await using server = await trackingServer();
  const headers = { "content-type": "application/json", "x-mlflow-experiment-id": "0" };
  const said = (values: Readonly<Record<string, object | string>>): readonly object[] =>
    Object.entries(values).map(([key, value]) => ({
      key,
      value: { stringValue: typeof value === "string" ? value : JSON.stringify(value) },
    }));
  const usage = (input_tokens: number): object => ({ input_tokens, output_tokens: 1, total_tokens: input_tokens + 1 });
  const tree = [
    { spanId: "0000000000000001", name: "root", attributes: [] },
    {
      spanId: "0000000000000002",
      parentSpanId: "0000000000000001",
      name: "agent",
      attributes: said({
        "mlflow.chat.tokenUsage": usage(10),
        "mlflow.llm.cost": { total_cost: 0.5, input_cost: 0.25 },
      }),
    },
    {
      spanId: "0000000000000003",
      parentSpanId: "0000000000000002",
      name: "call",
      attributes: said({
        "mlflow.chat.tokenUsage": usage(10),
        "mlflow.llm.model": "m-1",
        "mlflow.llm.cost": { total_cost: 0.5 },
      }),
    },
    {
      spanId: "0000000000000004",
      parentSpanId: "0000000000000001",
      name: "call",
      attributes: said({ "mlflow.chat.tokenUsage": usage(7), "mlflow.llm.model": "m-2", "mlflow.llm.cost": "no" }),
    },
  ];
  const both = tree.map((each) => ({ ...span, ...each }));
  for (const part of [both.slice(2), both.slice(0, 2)]) {
    assert.equal((await server.ask("POST", "/v1/traces", request(part), headers)).status, 200);
  }
  const { json } = await server.ask("GET", `/api/3.0/mlflow/traces/tr-${traceId}`);
  const { trace_info: info } = json["trace"] as { trace_info: { trace_metadata: Record<string, string> } };
  assert.deepEqual(JSON.parse(info.trace_metadata["mlflow.trace.tokenUsage"] ?? ""), {
    input_tokens: 17,
    output_tokens: 2,
    total_tokens: 19,
  });
  const cost = JSON.parse(info.trace_metadata["mlflow.trace.cost"] ?? "") as { total_cost: number };
  assert.equal(cost.total_cost, 0.5);
  const figures = await server.ask("POST", "/api/3.0/mlflow/traces/metrics", {
    experiment_ids: ["0"],
    view_type: "SPANS",
    metric_name: "total_cost",
    aggregations: [{ aggregation_type: "SUM" }],
    dimensions: ["span_model_name"],
  });
  assert.deepEqual(figures.json["data_points"], [
    { metric_name: "total_cost", dimensions: { span_model_name: "m-1" }, values: { SUM: 0.5 } },
  ]);
});

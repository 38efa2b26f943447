// Hostile input to traces, spans, data sets, scorers and webhooks: a typed answer, never a failure of the server.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answeredEndpoints } from "../../src/tracking/handlers/handler-table.ts";
import { openTracking, type Tracking } from "../../src/tracking/open-tracking.ts";
import { testStoreUri } from "./test-store.ts";

let folder = "";
let tracking: Tracking;
const failures: unknown[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "trimaran-trace-attacks-"));
  tracking = await openTracking({
    backendStoreUri: await testStoreUri(folder),
    artifactsDestination: `${folder}/artifacts`,
    onFailure: (error) => failures.push(error),
  });
});

after(async () => {
  await tracking.close();
  await rm(folder, { recursive: true, force: true });
});

interface Call {
  readonly method: "DELETE" | "GET" | "HEAD" | "PATCH" | "POST" | "PUT";
  readonly target: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ method, target, body, headers = {} }: Call): Promise<{ status: number; text: string }> {
  const answer = await tracking.transport.send({
    method,
    target,
    headers: { "content-type": "application/json", ...headers },
    body: body ?? null,
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
  return { status: answer.status, text };
}

const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
const long = "x".repeat(1_000_000);
const values: readonly unknown[] = [
  null,
  -1,
  1e300,
  "NaN",
  "\u0000",
  "'; DROP TABLE spans; --",
  long,
  [],
  {},
  ["\ud800"],
  "%".repeat(500),
];
const names = [
  "experiment_id",
  "experiment_ids",
  "trace_id",
  "request_id",
  "trace_ids",
  "filter",
  "filter_string",
  "order_by",
  "page_token",
  "max_results",
  "key",
  "value",
  "tags",
  "records",
  "name",
  "url",
  "events",
  "trace",
  "assessment",
  "update_mask",
  "serialized_scorer",
  "locations",
  "dataset_id",
  "version",
];
const sound: Readonly<Record<string, unknown>> = {
  experiment_id: "0",
  experiment_ids: ["0"],
  locations: [{ mlflow_experiment: { experiment_id: "0" } }],
  trace: { trace_info: { trace_id: "tr-1", trace_location: { mlflow_experiment: { experiment_id: "0" } } } },
  trace_id: "tr-1",
  request_id: "tr-1",
  trace_ids: ["tr-1"],
  assessment: {
    assessment_name: "a",
    source: { source_type: "HUMAN", source_id: "x" },
    feedback: { value: Number.MAX_VALUE },
  },
  update_mask: "feedback,metadata",
  name: "n",
  key: "k",
  value: "v",
  tags: "{}",
  records: "[]",
  url: "https://127.0.0.1/",
  events: [{ entity: "PROMPT", action: "CREATED" }],
  serialized_scorer: "{}",
  filter_string1: "name = 'a'",
  filter_string2: "name = 'b'",
};

test("whatever stands in a field, the answer is typed and the server does not fail", { timeout: 300_000 }, async () => {
  const areas = /\/(traces|datasets|scorers|webhooks)\b/;
  for (const { endpoint } of answeredEndpoints.filter(({ endpoint: { path } }) => areas.test(path))) {
    const path = `/api/${endpoint.version}${endpoint.path.replace(/\{\w+\}/g, "tr-1")}`;
    const isGet = endpoint.method === "GET";
    const known = Object.keys(endpoint.request);
    for (const name of names.filter((each) => known.includes(each))) {
      for (const value of values) {
        const body = { ...sound, [name]: value };
        const query = `?${new URLSearchParams(Object.entries(body).map(([key, item]) => [key, String(item).slice(0, 5000)]))}`;
        const { status, text } = await ask({
          method: endpoint.method,
          target: isGet ? `${path}${query}` : path,
          ...(isGet ? {} : { body: JSON.stringify(body) }),
        });
        const what = `${endpoint.name} ${name}=${String(value).slice(0, 30)}: ${status} ${text.slice(0, 300)}`;
        assert.ok(status < 500, what);
        if (status !== 200) assert.match(text, /^\{"error_code":"[A-Z_]+","message":/, what);
      }
    }
  }
  assert.deepEqual(failures, []);
});

test("JSON nested 100,000 deep within a text is refused", async () => {
  const { status } = await ask({
    method: "POST",
    target: "/api/3.0/mlflow/datasets/create",
    body: JSON.stringify({ name: "deep", tags: deep }),
  });
  assert.equal(status, 400);
});

test("spans that are malformed, cut off or endless are refused", async () => {
  const headers = { "content-type": "application/x-protobuf", "x-mlflow-experiment-id": "0" };
  const nested = Array.from({ length: 5000 }).reduce<Uint8Array>(
    (inner) => field(5, field(1, inner)),
    new Uint8Array(),
  );
  const span = Buffer.concat([field(1, new Uint8Array(16)), field(2, new Uint8Array(8)), field(9, field(2, nested))]);
  for (const body of [
    new Uint8Array(),
    Buffer.from("not protobuf"),
    Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    Buffer.alloc(100_000, 0xff),
    field(1, field(2, field(2, field(1, new Uint8Array(3))))),
    field(1, field(2, field(2, span))),
  ]) {
    const { status, text } = await ask({ method: "POST", target: "/v1/traces", headers, body });
    assert.equal(status, 400, text);
  }
  const unknown = { ...headers, "x-mlflow-experiment-id": "77" };
  const good = field(1, field(2, field(2, Buffer.concat([field(1, new Uint8Array(16)), field(2, new Uint8Array(8))]))));
  assert.equal((await ask({ method: "POST", target: "/v1/traces", headers: unknown, body: good })).status, 404);
  assert.equal((await ask({ method: "POST", target: "/v1/traces", headers, body: good })).status, 200);
  assert.deepEqual(failures, []);
});

test("filters that would take long are refused, or take no time", { timeout: 120_000 }, async () => {
  const info = {
    trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } },
    state: "OK",
  };
  for (let index = 0; index < 50; index++) {
    const tags = { a: "a".repeat(7000), "mlflow.traceName": "n" };
    const trace_info = { ...info, trace_id: `tr-slow-${index}`, request_time: "2026-01-02T03:04:05Z", tags };
    const body = JSON.stringify({ trace: { trace_info } });
    assert.equal((await ask({ method: "POST", target: "/api/3.0/mlflow/traces", body })).status, 200);
  }
  const search = (filter: string, locations: readonly unknown[] = [info.trace_location]): ReturnType<typeof ask> =>
    ask({ method: "POST", target: "/api/3.0/mlflow/traces/search", body: JSON.stringify({ locations, filter }) });
  const clauses = (count: number, text: string): string => Array(count).fill(text).join(" AND ");
  for (const [filter, status] of [
    [clauses(5000, "tags.a = 'b'"), 400],
    [clauses(101, "tags.a = 'b'"), 400],
    [clauses(100, "tags.a LIKE '%a%b'"), 200],
    [`tags.a LIKE '${"%a".repeat(21)}'`, 400],
    [clauses(6, "tags.a RLIKE 'a'"), 400],
    [clauses(5, "tags.a RLIKE '(((a+)+)+)+$b'"), 200],
    [clauses(5, "tags.a RLIKE '(a|aa){50}(a?){40}b'"), 200],
    ["tags.a RLIKE '(a)\\1'", 400],
    ["tags.a RLIKE '(?=a)'", 400],
    ["tags.a RLIKE '('", 400],
    ["params.a RLIKE 'a'", 400],
  ] as const) {
    const begun = performance.now();
    const answer = await search(filter);
    assert.equal(answer.status, status, `${filter.slice(0, 60)}: ${answer.text.slice(0, 200)}`);
    assert.ok(performance.now() - begun < 20_000, filter.slice(0, 60));
  }
  assert.equal((await search("", Array(30_001).fill(info.trace_location))).status, 400);
  assert.deepEqual(failures, []);
});

test("bodies beyond their limit, and lists beyond what a store takes, are refused", async () => {
  const list = JSON.stringify({ experiment_ids: Array.from({ length: 40_000 }, (_, index) => String(index)) });
  const large = JSON.stringify({ experiment_ids: ["0"], filter: "x".repeat(5_000_000) });
  for (const [target, body] of [
    ["/api/2.0/mlflow/runs/search", list],
    ["/api/2.0/mlflow/logged-models/search", list],
    ["/api/2.0/mlflow/runs/search", large],
    ["/api/3.0/mlflow/traces", `{"trace":${" ".repeat(33_600_000)}{}}`],
  ] as const) {
    const { status, text } = await ask({ method: "POST", target, body });
    assert.equal(status, 400, text.slice(0, 200));
    assert.match(text, /INVALID_PARAMETER_VALUE/);
  }
  assert.deepEqual(failures, []);
});

/** A field of bytes. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let left = bytes.length;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
}

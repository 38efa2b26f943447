// What a running service tells and keeps: logs, an access log, traces, predictions, truth, and metrics of all workers.
import assert from "node:assert/strict";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { linear, type Running, ride, row, serve, until } from "./fixtures.ts";

interface Home extends Disposable {
  readonly path: string;
  lines(kind: "predictions" | "truth"): Record<string, unknown>[];
}

function home(): Home {
  const path = mkdtempSync(join(tmpdir(), "trimaran-telemetry-"));
  return {
    path,
    lines: (kind) =>
      globSync(`${kind}/*/*/*.ndjson`, { cwd: path }).flatMap((file) =>
        readFileSync(join(path, file), "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

interface Ask {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function post(
  { port }: Running,
  body: unknown,
  { path = "/predict", headers = {} }: Ask = {},
): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

function logLines(service: Running): Record<string, unknown>[] {
  return service
    .stderr()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the prediction log of a service", () => {
  test("has an event for every row that was answered, of every dialect and worker, and none of a refused call", async () => {
    using place = home();
    await using service = await serve([ride, "--workers", "2", "--prediction-log", "--home", place.path]);
    for (let index = 0; index < 8; index++)
      await post(service, row, { headers: { "x-prediction-id": `one-${index}` } });
    await post(service, [row, row], { headers: { "x-prediction-id": "many" } });
    await post(service, [row, { ...row, PULocationID: "x" }], { headers: { "x-prediction-id": "refused" } });
    const lines = `${JSON.stringify(row)}\n{}\n${JSON.stringify(row)}\n`;
    const type = { "content-type": "application/x-ndjson", "x-prediction-id": "lines" };
    await (await post(service, lines, { headers: type })).text();
    const instances = { instances: [row] };
    await post(service, instances, { path: "/invocations", headers: { "x-prediction-id": "mlflow" } });
    service.signal("SIGTERM");
    assert.equal((await service.ended).code, 0);
    const events = place.lines("predictions");
    const ones = Array.from({ length: 8 }, (_, index) => `one-${index}`);
    const ids = [...ones, "many/0", "many/1", "lines/0", "lines/2", "mlflow/0"];
    assert.deepEqual(events.map(({ id }) => id).sort(), ids.sort());
    assert.deepEqual(events[0]?.["input"], row);
    assert.deepEqual(events[0]?.["features"], { PU_DO: "10_50", trip_distance: 40 });
  });

  test("is what a definition asks for, without what it redacts", async () => {
    using place = home();
    const text = readFileSync(join(ride, "deployment.ts"), "utf8");
    const feedback = 'feedback: { log: true, redact: ["PULocationID", "PU_DO"] },';
    const file = join(place.path, "deployment.ts");
    writeFileSync(file, text.replace(/\n {2}output:/, `\n  ${feedback}\n  output:`));
    await using service = await serve([file, "--model", linear, "--home", place.path]);
    await post(service, row);
    service.signal("SIGTERM");
    await service.ended;
    const [event] = place.lines("predictions");
    assert.deepEqual(event?.["input"], { DOLocationID: 50, trip_distance: 40 });
    assert.deepEqual(event?.["features"], { trip_distance: 40 });
  });

  test("loses at most what was not yet written when a worker is killed", async () => {
    using place = home();
    await using service = await serve([ride, "--prediction-log", "--home", place.path]);
    for (let index = 0; index < 10; index++) await post(service, row);
    await until(() => place.lines("predictions").length === 10, "10 events");
    const [pid = 0] = service.pids;
    process.kill(pid, "SIGKILL");
    await until(
      async () => (await post(service, row).catch(() => null))?.status === 200,
      "an answer of another worker",
    );
    service.signal("SIGTERM");
    await service.ended;
    assert.equal(place.lines("predictions").length, 11);
  });

  test("is not written when nobody asks for it", async () => {
    using place = home();
    await using service = await serve([ride, "--home", place.path]);
    assert.equal((await post(service, row)).status, 200);
    service.signal("SIGTERM");
    await service.ended;
    assert.deepEqual(place.lines("predictions"), []);
  });

  test("that cannot be written costs no answer: one line says so, and a metric counts", async () => {
    using place = home();
    writeFileSync(join(place.path, "predictions"), "");
    await using service = await serve([ride, "--prediction-log", "--home", place.path]);
    for (let index = 0; index < 20; index++) assert.equal((await post(service, row)).status, 200);
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
    await until(
      async () => /trimaran_prediction_log_dropped_total\{reason="write_failed"\} 20/.test(await metrics()),
      "20 dropped events",
    );
    assert.equal(logLines(service).filter(({ level }) => level === "error").length, 1);
  });
});

describe("POST /feedback", () => {
  test("keeps truth on file before it says so, and refuses what is wrong with every issue", async () => {
    using place = home();
    await using service = await serve([ride, "--workers", "2", "--home", place.path]);
    const feedback = (body: unknown, type = "application/json"): Promise<Response> =>
      post(service, body, { path: "/feedback", headers: { "content-type": type } });
    const one = await feedback({ id: "a", value: 12.5, time: "2026-01-31T12:00:00+01:00", source: "meter" });
    assert.deepEqual([one.status, await one.text()], [202, '{"accepted":1}']);
    assert.equal(place.lines("truth")[0]?.["time"], "2026-01-31T11:00:00.000Z");
    const sent = '{"key":"k","value":{"duration":3}}\n\n{"id":"b","value":true}\n';
    assert.equal((await feedback(sent, "application/x-ndjson")).status, 202);
    const wrong = await feedback([
      { id: "a" },
      { id: "a", key: "k", value: 1 },
      { id: "a", value: 1, time: "2026" },
      5,
    ]);
    assert.equal(wrong.status, 422);
    const { issues } = (await wrong.json()) as { issues: { path: string }[] };
    assert.deepEqual(
      issues.map(({ path }) => path),
      ["/0/value", "/1", "/2/time", "/3"],
    );
    assert.equal((await post(service, { id: "a", value: 1 }, { path: "/feedback/nobody" })).status, 404);
    assert.equal(place.lines("truth").length, 3);
    const again = await feedback({ id: "a", value: 12.5, time: "2026-01-31T12:00:00+01:00", source: "meter" });
    assert.equal(again.status, 202);
    const digests = place.lines("truth").flatMap(({ id, digest }) => (id === "a" ? [digest] : []));
    assert.equal(new Set(digests).size, 1);
  });

  test("says 503 when it cannot keep it", async () => {
    using place = home();
    writeFileSync(join(place.path, "truth"), "");
    await using service = await serve([ride, "--home", place.path]);
    const reply = await post(service, { id: "a", value: 1 }, { path: "/feedback" });
    assert.equal(reply.status, 503);
    assert.ok(reply.headers.has("retry-after"));
    assert.match(await reply.text(), /FEEDBACK_UNAVAILABLE/);
  });
});

describe("logs as JSON", () => {
  test("have a line for every request with --access-log, without a value that was sent", async () => {
    await using service = await serve([ride, "--access-log"]);
    await post(service, { ...row, trip_distance: 47.11 }, { headers: { "x-request-id": "mine" } });
    await post(service, '{"secret":', { path: "/predict/ride-duration?token=secret" });
    await fetch(`http://127.0.0.1:${service.port}/secret/%0a%7b%22level%22%7d`, {
      headers: { "x-request-id": "a b{" },
    });
    const requests = (): Record<string, unknown>[] => logLines(service).filter(({ msg }) => msg === "request");
    await until(() => /"route":"none"/.test(service.stderr()), "the last line");
    assert.deepEqual(
      requests().map(({ method, route, status, service: name, rows }) => [method, route, status, name, rows]),
      [
        ["POST", "/predict", 200, "ride-duration", 1],
        ["POST", "/predict/{name}", 400, "ride-duration", undefined],
        ["GET", "none", 404, undefined, undefined],
      ],
    );
    assert.equal(requests()[0]?.["request_id"], "mine");
    assert.equal(requests()[0]?.["remote"], "127.0.0.1");
    assert.match(String(requests()[2]?.["request_id"]), /^[0-9a-f-]{36}$/);
    assert.doesNotMatch(service.stderr(), /secret|47\.11|curl|%0a/);
  });
});

describe("what is told of a request", () => {
  test("is the same whichever way it took", async () => {
    await using otlp = await collector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_BSP_SCHEDULE_DELAY: "50" };
    await using service = await serve([ride, "--access-log"], env);
    for (const body of [row, { ...row, trip_distance: -1 }]) {
      await post(service, body);
      // No client of the quick way sends it: test/doors/web/quick-predict.test.ts.
      await post(service, body, { headers: { "x-other": "1" } });
    }
    service.signal("SIGTERM");
    assert.equal((await service.ended).code, 0);
    const same = (line: Record<string, unknown>): unknown => ({
      ...line,
      time: 0,
      ms: 0,
      request_id: "",
      trace_id: "",
    });
    const lines = logLines(service)
      .filter(({ msg }) => msg === "request")
      .map(same);
    assert.equal(lines.length, 4);
    assert.deepEqual(lines[0], lines[1]);
    assert.deepEqual(lines[2], lines[3]);
    const spans = otlp.spans
      .filter(({ kind }) => kind === 2)
      .map(({ attributes }) => attributes.filter(({ key }) => key !== "trimaran.request_id"))
      .map((attributes) => attributes.map(({ key, value }) => `${key} ${JSON.stringify(value)}`).sort());
    assert.deepEqual(spans[0], spans[1]);
    assert.deepEqual(spans[2], spans[3]);
  });
});

describe("/metrics", () => {
  test("sums up all workers, whichever is asked", async () => {
    await using service = await serve([ride, "--workers", "2"]);
    for (let index = 0; index < 20; index++) await post(service, row, { headers: { connection: "close" } });
    for (let index = 0; index < 4; index++) {
      const reply = await fetch(`http://127.0.0.1:${service.port}/metrics`, { headers: { connection: "close" } });
      const answered = /trimaran_requests_total\{service="ride-duration",dialect="trimaran",status="200"\} (\d+)/;
      assert.equal(answered.exec(await reply.text())?.[1], "20");
    }
  });
});

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: Span[];
  readonly services: string[];
}

/** Takes what OTLP sends as JSON over HTTP. */
async function collector(): Promise<Collector> {
  const spans: Span[] = [];
  const services: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = JSON.parse(Buffer.concat(chunks).toString()) as {
      resourceSpans: {
        resource: { attributes: Span["attributes"] };
        scopeSpans: { spans: Span[] }[];
      }[];
    };
    for (const { resource, scopeSpans } of sent.resourceSpans) {
      const name = resource.attributes.find(({ key }) => key === "service.name");
      services.push(String(name?.value["stringValue"]));
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    services,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("traces", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const traced = (sampled: boolean): string => `00-${traceId}-b7ad6b7169203331-0${sampled ? 1 : 0}`;

  test("continue the caller's, with a span a request and one a phase, in OpenTelemetry's words", async () => {
    await using otlp = await collector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_SERVICE_NAME: "rides", OTEL_BSP_SCHEDULE_DELAY: "50" };
    await using service = await serve([ride, "--access-log"], env);
    await post(service, row, { headers: { traceparent: traced(true) } });
    await post(service, row, { headers: { traceparent: traced(false) } });
    await post(service, "{", { headers: { traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` } });
    service.signal("SIGTERM");
    assert.equal((await service.ended).code, 0);
    const roots = otlp.spans.filter(({ kind }) => kind === 2);
    assert.deepEqual(
      roots.map(({ name }) => name),
      ["POST /predict", "POST /predict"],
    );
    const [first, other] = roots as [Span, Span];
    assert.equal(first.traceId, traceId);
    assert.equal(first.parentSpanId, "b7ad6b7169203331");
    assert.notEqual(other.traceId, traceId);
    assert.ok(otlp.services.every((name) => name === "rides"));
    const attribute = (key: string): unknown =>
      Object.values(first.attributes.find((each) => each.key === key)?.value ?? {})[0];
    assert.equal(attribute("http.request.method"), "POST");
    assert.equal(attribute("http.route"), "/predict");
    assert.equal(Number(attribute("http.response.status_code")), 200);
    assert.equal(attribute("trimaran.service"), "ride-duration");
    const phases = otlp.spans.filter(({ parentSpanId }) => parentSpanId === first.spanId);
    assert.deepEqual(
      phases.map(({ name }) => name),
      ["queue", "decode", "predict", "encode"],
    );
    for (const { startTimeUnixNano, endTimeUnixNano } of phases) {
      assert.ok(BigInt(startTimeUnixNano) >= BigInt(first.startTimeUnixNano));
      assert.ok(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
      assert.ok(BigInt(endTimeUnixNano) <= BigInt(first.endTimeUnixNano) + 1000n);
    }
    const age = Date.now() - Number(BigInt(first.endTimeUnixNano) / 1_000_000n);
    assert.ok(age >= 0 && age < 60_000);
    assert.match(service.stderr(), new RegExp(`"trace_id":"${traceId}"`));
  });

  test("that no collector takes cost no answer and no stop", async () => {
    await using service = await serve([ride], { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
    for (let index = 0; index < 5; index++) assert.equal((await post(service, row)).status, 200);
    service.signal("SIGTERM");
    assert.equal((await service.ended).code, 0);
  });
});

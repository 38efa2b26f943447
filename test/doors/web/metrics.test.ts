// What `/metrics` says, by hand here and by Prometheus's own client in test/e2e.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MetricFamily } from "../../../src/io/metrics/metric-family.ts";
import { sumFamilies } from "../../../src/io/metrics/metric-family.ts";
import { prometheusText } from "../../../src/io/metrics/prometheus-text.ts";
import { smallService, testDoor } from "./fixtures.ts";

async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const reply = await fetch(`${url}/metrics`);
  assert.equal(reply.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const lines = (await reply.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

describe("/metrics", () => {
  it("counts requests by service, dialect and status, and where their time went", async () => {
    await using door = await testDoor({ services: [smallService({ version: "7" })] });
    await door.post('{"x":1}');
    await door.post('[{"x":1},{"x":2},{"x":3}]');
    await door.post('{"x":"no"}');
    await door.post("{");
    await door.post('{"x":1}\n{"x":2}\n', { headers: { "content-type": "application/x-ndjson" } });
    const seen = await scrape(door.web.url);
    const count = (labels: string): number | undefined => seen.get(`trimaran_requests_total{${labels}}`);
    assert.equal(count('service="small",dialect="trimaran",status="200"'), 3);
    assert.equal(count('service="small",dialect="trimaran",status="422"'), 1);
    assert.equal(count('service="small",dialect="trimaran",status="400"'), 1);
    assert.equal(seen.get('trimaran_errors_total{code="REQUEST_NOT_JSON"}'), 1);
    assert.equal(seen.get('trimaran_batch_rows_sum{service="small",dialect="trimaran"}'), 1 + 3 + 1 + 2);
    for (const phase of ["queue", "decode", "predict", "encode", "total"]) {
      const labels = `service="small",dialect="trimaran",phase="${phase}"`;
      const all = seen.get(`trimaran_request_duration_seconds_count{${labels}}`) ?? 0;
      assert.ok(all >= 2, phase);
      assert.equal(seen.get(`trimaran_request_duration_seconds_bucket{${labels},le="+Inf"}`), all);
    }
    const [info] = [...seen.keys()].filter((key) => key.startsWith("trimaran_model_info"));
    assert.match(info ?? "", /service="small",version="7",digest="sha256:/);
    assert.equal(seen.get("trimaran_requests_in_flight"), 0);
    assert.equal(seen.get("trimaran_faults_total"), 0);
  });

  it("has no label of a caller's making", async () => {
    await using door = await testDoor();
    for (let index = 0; index < 50; index++) {
      await door.post('{"x":1}', { path: `/predict/nobody-${index}` });
      await fetch(`${door.web.url}/no-route-${index}`);
    }
    const seen = await scrape(door.web.url);
    assert.equal([...seen.keys()].filter((key) => /nobody|no-route/.test(key)).length, 0);
    assert.equal(seen.get('trimaran_requests_total{service="",dialect="trimaran",status="404"}'), 100);
  });
});

describe("metric families", () => {
  const part = (value: number): readonly MetricFamily[] => [
    { type: "counter", name: "a_total", help: "A.", series: [{ labels: { x: "1" }, value }] },
    { type: "gauge", across: "max", name: "b", help: "B.", series: [{ labels: {}, value }] },
    { type: "histogram", name: "c", help: "C.", series: [{ labels: {}, bounds: [1], counts: [value, 1], sum: value }] },
  ];

  it("of several processes are summed up", () => {
    const [counter, gauge, histogram] = sumFamilies([part(2), part(5)]);
    assert.deepEqual(counter?.series, [{ labels: { x: "1" }, value: 7 }]);
    assert.deepEqual(gauge?.series, [{ labels: {}, value: 5 }]);
    assert.deepEqual(histogram?.series, [{ labels: {}, bounds: [1], counts: [7, 2], sum: 7 }]);
  });

  it("are written with escaped texts and cumulative buckets", () => {
    const labels = { x: 'a"b\\c\nd' };
    const text = prometheusText([
      { type: "gauge", across: "sum", name: "g", help: "back\\slash\nline", series: [{ labels, value: Number.NaN }] },
      ...part(2).slice(2),
    ]);
    assert.equal(
      text,
      [
        "# HELP g back\\\\slash\\nline",
        "# TYPE g gauge",
        'g{x="a\\"b\\\\c\\nd"} NaN',
        "# HELP c C.",
        "# TYPE c histogram",
        'c_bucket{le="1"} 2',
        'c_bucket{le="+Inf"} 3',
        "c_sum 2",
        "c_count 3",
        "",
      ].join("\n"),
    );
  });
});

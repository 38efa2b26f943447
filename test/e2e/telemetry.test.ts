// What a running service tells, read by the programs that users read it with: Prometheus's own client, and DuckDB.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { makePythonEnvironment } from "../../scripts/python-environment.ts";
import { ride, row, serve } from "../doors/web/fleet/fixtures.ts";

const run = promisify(execFile);
const pins = { name: "telemetry", python: "3.11", pins: ["prometheus_client==0.21.1", "duckdb==1.1.3"] };

async function pythonOf(context: TestContext): Promise<string | undefined> {
  try {
    return await makePythonEnvironment(pins);
  } catch {
    context.skip("prometheus_client and duckdb are not here and cannot be installed");
    return undefined;
  }
}

const readMetrics = `
import json, sys, urllib.request
from prometheus_client.parser import text_string_to_metric_families
text = urllib.request.urlopen(sys.argv[1]).read().decode()
families = list(text_string_to_metric_families(text))
names = [family.name for family in families]
assert len(names) == len(set(names)), names
for family in families:
    assert family.type != "unknown", family.name
    assert family.documentation, family.name
    seen = set()
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, key
        seen.add(key)
print(json.dumps({f"{s.name}{json.dumps(s.labels, sort_keys=True)}": s.value for f in families for s in f.samples}))
`;

/** A line that was cut off by a crash must not keep the others from being read. */
const readEvents = `
import duckdb, json, sys
rows = duckdb.sql(f"""
  SELECT id, input.trip_distance AS distance, output.duration AS duration, models[1].digest AS digest, role
  FROM read_json_auto('{sys.argv[1]}/predictions/*/*/*.ndjson', format='newline_delimited', ignore_errors=true)
  WHERE id IS NOT NULL ORDER BY id""").fetchall()
print(json.dumps(rows))
joined = duckdb.sql(f"""
  SELECT p.id, t.value - p.output.duration AS error
  FROM read_json_auto('{sys.argv[1]}/predictions/*/*/*.ndjson', format='newline_delimited', ignore_errors=true) p
  JOIN read_json_auto('{sys.argv[1]}/truth/*/*/*.ndjson', format='newline_delimited') t USING (id)""").fetchall()
print(json.dumps(joined))
`;

describe("a running service, as others read it", () => {
  test("prometheus_client parses /metrics of several workers; DuckDB reads and joins the logs, behind a torn line too", async (context) => {
    const python = await pythonOf(context);
    if (python === undefined) return;
    const home = mkdtempSync(join(tmpdir(), "trimaran-telemetry-"));
    try {
      await using service = await serve([ride, "--workers", "2", "--prediction-log", "--home", home]);
      const url = `http://127.0.0.1:${service.port}`;
      const ask = async (path: string, body: unknown, id: string): Promise<void> => {
        const headers = { "content-type": "application/json", "x-prediction-id": id };
        const reply = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
        assert.ok(reply.ok, await reply.text());
      };
      for (let index = 0; index < 5; index++) await ask("/predict", row, `id-${index}`);
      await ask("/predict", [row, { ...row, trip_distance: 1e300 }], "many");
      await ask("/feedback", { id: "id-3", value: 30 }, "truth");
      await fetch(`${url}/no"route\n\\`);
      const { stdout } = await run(python, ["-c", readMetrics, `${url}/metrics`]);
      const metrics = JSON.parse(stdout) as Record<string, number>;
      const labels = '{"dialect": "trimaran", "service": "ride-duration", "status": "200"}';
      assert.equal(metrics[`trimaran_requests_total${labels}`], 6);
      assert.equal(metrics['trimaran_prediction_log_dropped_total{"reason": "buffer_full"}'], 0);
      assert.ok(Object.keys(metrics).some((name) => name.startsWith("trimaran_request_duration_seconds_bucket")));
      service.signal("SIGTERM");
      await service.ended;
      const [file = ""] = globSync("predictions/*/*/*.ndjson", { cwd: home });
      appendFileSync(join(home, file), '{"id":"torn","time":"2026-');
      const read = await run(python, ["-c", readEvents, home]);
      const [rows = [], joined = []] = read.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as [id: string, number: number, ...more: unknown[]][]);
      assert.deepEqual(
        rows.map(([id]) => id),
        ["id-0", "id-1", "id-2", "id-3", "id-4", "many/0", "many/1"],
      );
      assert.equal(rows[6]?.[1], 1e300);
      assert.match(String(rows[0]?.[3]), /^sha256:/);
      assert.deepEqual(
        joined.map(([id]) => id),
        ["id-3"],
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});

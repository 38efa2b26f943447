// The unchanged Python clients of MLflow 2.22 and 3.x against our server: what they see of traces, data sets and webhooks is what
// MLflow 3.18's own server showed them, and every endpoint that docs/mlflow-compatibility.md calls done is one that they call.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { mlflowPeer } from "../mlflow-tracking/environments.ts";
import { clientRuns, runClient, titleOf } from "./client-runs.ts";

const json = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(name, import.meta.url), "utf8")) as Record<string, unknown>;
const claims = (await json("called.json")) as Record<string, readonly string[]>;
const expected = await json("expected.json");

for (const each of clientRuns) {
  const { skip } = await mlflowPeer(each.pins);
  const title = titleOf(each);
  test(`${title}: sees what is expected, and reaches the endpoints that are claimed`, {
    skip,
    timeout: 900_000,
  }, async () => {
    const ran = await runClient(each);
    assert.ok(ran !== null);
    assert.deepEqual(ran.failures, [], "the server failed");
    const script = each.script.replace(/^.*\//, "");
    const wanted = expected[title] ?? expected[script];
    if (wanted !== undefined) assert.deepEqual(ran.seen, wanted);
    const claimed = Object.keys(claims).filter((endpoint) => claims[endpoint]?.includes(title));
    const reached = new Set(ran.called);
    assert.deepEqual(
      claimed.filter((endpoint) => !reached.has(endpoint)),
      [],
      "claimed and not reached",
    );
  });
}

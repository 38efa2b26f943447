// Asks every endpoint over a store that may lack the tables of its feature: each answers, or says that the store does not have it.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answeredEndpoints } from "../../../src/tracking/handlers/handler-table.ts";
import { openTracking } from "../../../src/tracking/open-tracking.ts";

/** Bodies that reach the store: what an endpoint does not know of them it passes over. */
const bodies: readonly Readonly<Record<string, unknown>>[] = [
  {},
  {
    experiment_id: "0",
    experiment_ids: ["0"],
    max_results: 10,
    name: "x",
    request_id: "tr-1",
    trace_id: "tr-1",
    run_id: "r",
  },
  {
    experiment_id: "0",
    name: "y",
    url: "https://example.com/hook",
    events: [{ entity: "REGISTERED_MODEL", action: "CREATED" }],
  },
  {
    experiment_ids: ["0"],
    name: "z",
    filter: "name = 'a'",
    filter_string: "name = 'a'",
    dataset_id: "d-1",
    key: "k",
    value: "v",
  },
];

export async function noFeatureFails(store: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-features-"));
  try {
    await using tracking = await openTracking({ backendStoreUri: store, artifactsDestination: folder });
    for (const { endpoint } of answeredEndpoints) {
      for (const body of bodies) {
        const path = endpoint.path.replace(/\{\w+\}|<\w+>|:\w+/g, "x");
        const isGet = endpoint.method === "GET";
        const query = isGet
          ? `?${new URLSearchParams(Object.entries(body).map(([name, value]) => [name, [value].flat().map(String).join()]))}`
          : "";
        const answer = await tracking.transport.send({
          method: endpoint.method,
          target: `${path}${query}`,
          headers: { "content-type": "application/json" },
          body: isGet ? null : JSON.stringify(body),
        });
        let text = "";
        const decoder = new TextDecoder();
        for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
        assert.notEqual(answer.status, 500, `${endpoint.method} ${path}: ${text}`);
        if (answer.status === 501) assert.match(text, /NOT_IMPLEMENTED/);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

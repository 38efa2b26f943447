// docs/mlflow-compatibility.md is what the code says now, and nothing is called done that no real client calls.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type ClientCalls, endpointStates, mlflowDocs } from "../../scripts/mlflow-docs.ts";

const text = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
const calls = JSON.parse(await text("test/e2e/mlflow-clients/called.json")) as ClientCalls;

test("the page of MLflow's endpoints is up to date (npm run docs)", async () => {
  assert.equal(await text("docs/mlflow-compatibility.md"), mlflowDocs(calls));
});

test("an endpoint that real clients reached is one that is answered", () => {
  const states = endpointStates(calls);
  for (const name of Object.keys(calls)) assert.equal(states.get(name), "done", name);
});

test("without the clients' calls nothing is done", () => {
  assert.equal([...endpointStates({}).values()].includes("done"), false);
});

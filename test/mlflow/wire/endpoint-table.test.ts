// The table of endpoints against its own grammar.
import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointTable } from "../../../src/mlflow/endpoint-table.ts";
import { enums } from "../../../src/mlflow/messages/enums.ts";
import { messageTable } from "../../../src/mlflow/messages/message-table.ts";
import { codecsOf } from "../../../src/mlflow/wire/codec.ts";
import { type Endpoint, methodsOf, pathParameters, pathsOf } from "../../../src/mlflow/wire/endpoint.ts";
import type { Fields } from "../../../src/mlflow/wire/field-type.ts";

const scalars = ["string", "int32", "int64", "double", "bool", "json", "timestamp", "duration", "mask"];
const known = new Set([...scalars, ...Object.keys(enums), ...Object.keys(messageTable)]);
const endpoints: readonly Endpoint[] = Object.values(endpointTable);

test("every field of every endpoint and message is of a type that there is", () => {
  const groups: (readonly [string, Fields])[] = [
    ...endpoints.flatMap(({ name, request, response }) => [[name, request] as const, [name, response] as const]),
    ...Object.entries(messageTable),
  ];
  for (const [owner, fields] of groups) {
    for (const { name, type } of codecsOf(fields)) assert.ok(known.has(type), `${owner}.${name}: ${type}`);
  }
});

test("an endpoint is found by its own name, and no two answer the same method of the same path", () => {
  const seen = new Set<string>();
  for (const [name, endpoint] of Object.entries(endpointTable)) {
    assert.equal(endpoint.name, name);
    for (const method of methodsOf(endpoint)) {
      for (const path of pathsOf(endpoint)) {
        const route = `${method} ${path.replace(/\{\w+(\.\.\.)?\}/g, "{}$1")}`;
        assert.ok(!seen.has(route), route);
        seen.add(route);
      }
    }
  }
});

test("what a path holds is a required field of the request", () => {
  for (const { name, path, request } of endpoints) {
    for (const parameter of pathParameters(path))
      assert.match(request[parameter] ?? "", /^string\*$/, `${name}.${parameter}`);
  }
});

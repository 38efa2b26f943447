// What fields are called in JSON Schema, MLflow, the Open Inference Protocol and Arrow.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyField } from "../../src/data/field.ts";
import {
  boolean,
  category,
  date,
  integer,
  list,
  number,
  object,
  string,
  timestamp,
} from "../../src/data/field-builders.ts";
import {
  arrowType,
  fieldJsonSchema,
  mlflowType,
  oipDatatype,
  schemaJsonSchema,
} from "../../src/data/field-wire-types.ts";

const kinds: readonly (readonly [AnyField, unknown, string, string])[] = [
  [number(), "double", "FP64", "double"],
  [integer(), "long", "INT64", "int64"],
  [string(), "string", "BYTES", "utf8"],
  [boolean(), "boolean", "BOOL", "bool"],
  [category(["a"]), "string", "BYTES", "utf8"],
  [category([1, 2]), "long", "INT64", "int64"],
  [category([1, 2.5]), "double", "FP64", "double"],
  [category([true, false]), "boolean", "BOOL", "bool"],
  [timestamp(), "datetime", "BYTES", "timestamp[ms, tz=UTC]"],
  [date(), "string", "BYTES", "date32"],
  [list(integer()), { type: "array", items: { type: "long" } }, "BYTES", "list<int64>"],
  [
    object({ a: number(), b: list(string()).optional() }),
    {
      type: "object",
      properties: {
        a: { type: "double", required: true },
        b: { type: "array", items: { type: "string" }, required: false },
      },
    },
    "BYTES",
    "struct<a: double, b: list<utf8>>",
  ],
];

test("every kind has its MLflow, OIP and Arrow type", () => {
  for (const [field, mlflow, oip, arrow] of kinds) {
    assert.deepEqual(mlflowType(field.spec), mlflow);
    assert.equal(oipDatatype(field.spec), oip);
    assert.equal(arrowType(field.spec), arrow);
  }
});

test("JSON Schema carries bounds, formats, null and defaults", () => {
  assert.deepEqual(fieldJsonSchema(integer({ min: 1, max: 265, description: "zone" }).nullable().spec, "input"), {
    type: ["integer", "null"],
    minimum: 1,
    maximum: 265,
    description: "zone",
  });
  assert.deepEqual(fieldJsonSchema(category(["a", "b"]).nullable().default("b").spec, "input"), {
    type: ["string", "null"],
    enum: ["a", "b", null],
    default: "b",
  });
  assert.deepEqual(fieldJsonSchema(timestamp().spec, "input"), { type: "string", format: "date-time" });
  assert.deepEqual(fieldJsonSchema(list(string({ maxLength: 3 }), { minItems: 1 }).spec, "input"), {
    type: "array",
    items: { type: "string", maxLength: 3 },
    minItems: 1,
  });
});

test("a field with a default may be left out when sent and is always there when read", () => {
  const schema = { a: number(), b: number().optional(), c: number().default(1) };
  assert.deepEqual(schemaJsonSchema(schema, { side: "input" })["required"], ["a"]);
  assert.deepEqual(schemaJsonSchema(schema, { side: "output", strict: true })["required"], ["a", "c"]);
  assert.equal(schemaJsonSchema(schema, { side: "output", strict: true })["additionalProperties"], false);
});

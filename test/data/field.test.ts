// Each kind of field on its own, asked through Standard Schema.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isTrimaranError } from "../../src/base/errors.ts";
import type { AnyField, Infer, InferInput } from "../../src/data/field.ts";
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
import { checkFieldSpec } from "../../src/data/field-check.ts";
import type { FieldSpec } from "../../src/data/field-spec.ts";

/** The value that came out, or the first issue's message. */
function ask(field: AnyField, value: unknown): unknown {
  const result = field["~standard"].validate(value);
  return result.issues === undefined ? result.value : `refused: ${result.issues[0]?.message}`;
}

function refuses(field: AnyField, ...values: readonly unknown[]): void {
  for (const value of values) assert.match(String(ask(field, value)), /^refused: /, String(value));
}

test("number takes finite numbers only", () => {
  assert.equal(ask(number(), -0.5), -0.5);
  assert.equal(ask(number(), 10n), 10);
  refuses(
    number(),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -Number.POSITIVE_INFINITY,
    "3",
    true,
    null,
    [],
    2n ** 60n + 1n,
  );
  refuses(number({ min: 0, max: 2 }), -0.001, 2.001);
  assert.equal(ask(number({ min: 0, max: 2 }), 2), 2);
});

test("integer takes whole numbers that stay exact", () => {
  assert.equal(ask(integer(), 3.0), 3);
  assert.equal(ask(integer(), Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  refuses(integer(), 1.5, 2 ** 53, -(2 ** 53), 1e300, "3", 2n ** 53n, Number.NaN);
  assert.match(String(ask(integer(), 2 ** 53)), /2\^53/);
});

test("every double that is a safe whole number within bounds is read as itself, and nothing else", () => {
  const field = integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.integer(), fc.integer({ min: -1000, max: 1000 })), (value) => {
      const sound = Number.isInteger(value) && value >= -1000 && value <= 1000;
      assert.equal(field["~standard"].validate(value).issues === undefined, sound);
    }),
  );
});

test("string counts characters, not UTF-16 units, and refuses half of a surrogate pair", () => {
  assert.equal(ask(string({ maxLength: 2 }), "🚕🚕"), "🚕🚕");
  refuses(string({ maxLength: 2 }), "🚕🚕🚕", "abc");
  assert.equal(ask(string({ minLength: 2 }), "🚕🚕"), "🚕🚕");
  refuses(string({ minLength: 2 }), "🚕", "");
  refuses(string(), "\ud83d", 3, null);
  assert.equal(ask(string({ pattern: /^[a-z]+$/ }), "taxi"), "taxi");
  refuses(string({ pattern: "^[a-z]+$" }), "Taxi");
});

test("category is strict about type and names what is allowed", () => {
  const field = category(["card", "cash"]);
  assert.equal(ask(field, "cash"), "cash");
  assert.equal(ask(field, "gold"), 'refused: The value must be one of "card", "cash".');
  refuses(category([1, 2]), "1", 3);
  assert.equal(ask(boolean(), false), false);
  refuses(boolean(), 0, "false");
});

test("timestamp is RFC 3339 with a zone, and a Date in the row", () => {
  const at = (text: string): unknown => ask(timestamp(), text);
  assert.deepEqual(at("2021-03-01T08:30:00.123456+01:30"), new Date("2021-03-01T07:00:00.123Z"));
  assert.deepEqual(at("0099-01-01 00:00:00Z"), new Date("0099-01-01T00:00:00Z"));
  assert.deepEqual(at("2024-02-29t00:00:00z"), new Date("2024-02-29T00:00:00Z"));
  refuses(
    timestamp(),
    "2021-03-01T08:30:00",
    "2021-03-01",
    "2021-02-29T00:00:00Z",
    "2021-13-01T00:00:00Z",
    "2021-03-01T24:00:00Z",
    "2021-03-01T23:59:60Z",
    "2021-03-01T00:00:00+24:00",
    1614587400000,
    new Date(Number.NaN),
  );
  refuses(timestamp({ min: "2021-01-01T00:00:00Z" }), "2020-12-31T23:59:59.999Z");
});

test("date is a day of the calendar and stays text", () => {
  assert.equal(ask(date(), "2024-02-29"), "2024-02-29");
  refuses(date(), "2023-02-29", "1900-02-29", "2021-04-31", "2021-3-1", "2021-03-01T00:00:00Z", 20210301);
  refuses(date({ min: "2021-01-01", max: "2021-12-31" }), "2020-12-31", "2022-01-01");
});

test("fields are immutable: each modifier makes another field", () => {
  const field = number();
  const nullable = field.nullable();
  assert.equal(ask(nullable, null), null);
  refuses(field, null);
  assert.ok(Object.isFrozen(field) && Object.isFrozen(field.spec));
  assert.equal(ask(integer().default(3), undefined), 3);
  assert.equal(integer().default(3).optional().presence, "default");
});

test("Standard Schema issues carry path steps", () => {
  const result = object({ "a/b": list(number()) })["~standard"].validate({ "a/b": [1, "2"] });
  assert.deepEqual(result.issues?.[0]?.path, ["a/b", "1"]);
  assert.equal(number()["~standard"].version, 1);
  assert.equal(number()["~standard"].vendor, "trimaran");
});

test("options that make no sense are found with their path", () => {
  const paths = (field: AnyField): string[] => checkFieldSpec(field.spec, "/input/x").map(({ path }) => path);
  assert.deepEqual(paths(number({ min: 3, max: 2 })), ["/input/x/min"]);
  assert.deepEqual(paths(number({ min: Number.NaN, max: "3" as unknown as number })), ["/input/x/min", "/input/x/max"]);
  assert.deepEqual(paths(string({ pattern: "(" })), ["/input/x/pattern"]);
  assert.deepEqual(paths(integer({ min: 1 }).default(0)), ["/input/x/default"]);
  assert.deepEqual(paths(category([])), ["/input/x/values"]);
  assert.deepEqual(paths(category(["a", "a"])), ["/input/x/values"]);
  assert.deepEqual(paths(list(object({ y: date({ min: "2021-02-30" }) }))), ["/input/x/of/fields/y/min"]);
  assert.deepEqual(paths(timestamp({ min: "2021-01-01T00:00:00+02:00", max: "2020-12-31T23:00:00Z" })), []);
  const misspelt = Object.assign({ ...number().spec }, { mim: 3 }) as FieldSpec;
  assert.match(checkFieldSpec(misspelt, "")[0]?.message ?? "", /did you mean "min"/);
  assert.throws(
    () => string({ pattern: "(" })["~standard"].validate("x"),
    (error) => isTrimaranError(error) && error.code === "FIELD_INVALID",
  );
});

test("types flow from fields to rows", () => {
  const schema = {
    a: integer(),
    b: number().optional(),
    c: string().nullable(),
    d: category(["x", "y"]).default("x"),
    e: timestamp(),
    f: list(object({ g: boolean() })),
  };
  const row: Infer<typeof schema> = { a: 1, c: null, d: "y", e: new Date(0), f: [{ g: true }] };
  const sent: InferInput<typeof schema> = { a: 1, c: "c", e: "2021-01-01T00:00:00Z", f: [] };
  const category1: "x" | "y" = row.d;
  const maybe: number | undefined = row.b;
  // @ts-expect-error an optional field may be undefined
  const certain: number = row.b;
  // @ts-expect-error a default field may be left out when sent, but not hold another category
  const wrong: InferInput<typeof schema> = { ...sent, d: "z" };
  // @ts-expect-error a required field is missing
  const lacking: Infer<typeof schema> = { c: null, d: "y", e: new Date(0), f: [] };
  // @ts-expect-error a timestamp is a Date in the row
  const text: string = row.e;
  assert.deepEqual([category1, maybe, certain, typeof text], ["y", undefined, undefined, "object"]);
  assert.ok(wrong && lacking);
});

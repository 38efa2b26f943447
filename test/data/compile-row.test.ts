// Reading rows by a schema: exact types, all issues at once, names that nobody declared.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Issue } from "../../src/base/errors.ts";
import { compileRow } from "../../src/data/compile-row.ts";
import type { Schema } from "../../src/data/field.ts";
import { integer, list, number, object, string, timestamp } from "../../src/data/field-builders.ts";
import type { Row, RowNotes, UnknownFields } from "../../src/data/schema-row.ts";

const ride = {
  PULocationID: integer({ min: 1, max: 265 }),
  DOLocationID: integer({ min: 1, max: 265 }),
  trip_distance: number({ min: 0, unit: "mile" }),
};

interface ReadAs {
  readonly schema?: Schema;
  readonly unknownFields?: UnknownFields;
  readonly path?: string;
}

function read(value: unknown, { schema = ride, unknownFields, path = "" }: ReadAs = {}): RowNotes & { row?: Row } {
  const notes: RowNotes = { issues: [], warnings: new Map() };
  return { ...notes, row: compileRow(schema, { unknownFields })(value, notes, path) };
}

function codes(issues: readonly Issue[]): string[] {
  return issues.map(({ path, code }) => `${path} ${code}`);
}

test("gives a fresh row with the declared fields in declared order", () => {
  const sent = { trip_distance: 40, DOLocationID: 50, PULocationID: 10 };
  const { row } = read(sent);
  assert.deepEqual(Object.keys(row ?? {}), ["PULocationID", "DOLocationID", "trip_distance"]);
  assert.deepEqual(row, sent);
  assert.notEqual(row, sent);
});

test("finds every issue of a row at once, with the path of each", () => {
  const { row, issues } = read({ PULocationID: 0, DOLocationID: 1.5 }, { path: "/3" });
  assert.equal(row, undefined);
  assert.deepEqual(codes(issues), [
    "/3/PULocationID out_of_range",
    "/3/DOLocationID not_whole",
    "/3/trip_distance missing_field",
  ]);
  assert.equal(issues[2]?.message, "trip_distance is missing; it must be a number of at least 0.");
});

test("strings are never taken for numbers, and messages give the type of what came, not the value", () => {
  const { issues } = read({ PULocationID: "secret-7", DOLocationID: true, trip_distance: [3.66] });
  assert.deepEqual(
    issues.map(({ code }) => code),
    ["wrong_type", "wrong_type", "wrong_type"],
  );
  assert.equal(issues[0]?.message, "PULocationID must be a whole number; a string came.");
  assert.ok(issues.every(({ message }) => !message.includes("secret")));
});

test("null is no value unless the field says so", () => {
  assert.deepEqual(codes(read({ x: null }, { schema: { x: number() } }).issues), ["/x wrong_type"]);
  assert.deepEqual(read({ x: null }, { schema: { x: number().nullable() } }).row, { x: null });
});

test("what is no object is refused as a whole", () => {
  for (const value of [null, 3, "row", [], undefined]) assert.deepEqual(codes(read(value).issues), [" wrong_type"]);
});

test("optional fields may be left out, and defaults fill what was not sent", () => {
  const schema = { a: number().optional(), b: integer().default(7), at: timestamp().default("2021-03-01T00:00:00Z") };
  const first = read({}, { schema }).row;
  const second = read({}, { schema }).row;
  assert.deepEqual(first, { b: 7, at: new Date("2021-03-01T00:00:00Z") });
  assert.notEqual(first?.["at"], second?.["at"], "rows do not share a Date");
  assert.deepEqual(codes(read({ b: null }, { schema }).issues), ["/b wrong_type"]);
});

test("by default a misspelt name is refused with a hint and a strange one is counted", () => {
  const { issues, warnings } = read({ PULocationID: 1, DOLocationID: 2, tripDistance: 3, ride_id: 256 });
  assert.deepEqual(codes(issues), ["/trip_distance missing_field", "/tripDistance unknown_field"]);
  assert.match(issues[1]?.message ?? "", /did you mean "trip_distance"/);
  assert.deepEqual([...warnings.values()], [{ code: "unknown_field", field: "ride_id", count: 1 }]);
});

test("one edit away is a misspelling even beside the field itself; two edits away only when that field is missing", () => {
  const sound = { PULocationID: 1, trip_distance: 3 };
  const schema = { PULocationID: integer(), trip_distance: number() };
  assert.deepEqual(codes(read({ ...sound, trip_distanc: 3 }, { schema }).issues), ["/trip_distanc unknown_field"]);
  assert.deepEqual(read({ ...sound, DOLocationID: 2 }, { schema }).row, sound);
  const optional = { ...schema, PULocationID: integer().optional() };
  assert.deepEqual(codes(read({ DOLocationID: 2, trip_distance: 3 }, { schema: optional }).issues), [
    "/DOLocationID unknown_field",
  ]);
});

test("`reject` refuses every strange name and `ignore` none", () => {
  const sent = { PULocationID: 1, DOLocationID: 2, trip_distance: 3, ride_id: 1, trip_distanc: 2 };
  assert.equal(read(sent, { unknownFields: "reject" }).issues.length, 2);
  const ignored = read(sent, { unknownFields: "ignore" });
  assert.equal(ignored.warnings.size, 2);
  assert.equal(Object.hasOwn(ignored.row ?? {}, "ride_id"), false);
});

test("a hostile body cannot reach prototypes", () => {
  const sent: unknown = JSON.parse('{"__proto__":{"polluted":1},"x":1}');
  const { row, warnings } = read(sent, { schema: { x: number() } });
  assert.deepEqual(row, { x: 1 });
  assert.equal(Object.getPrototypeOf(row), Object.prototype);
  assert.deepEqual(
    [...warnings.values()].map(({ field }) => field),
    ["__proto__"],
  );
  const schema = { toString: string(), constructor: string() };
  assert.deepEqual(codes(read({}, { schema }).issues), ["/toString missing_field", "/constructor missing_field"]);
  assert.deepEqual(read({ toString: "a", constructor: "b" }, { schema }).row, { toString: "a", constructor: "b" });
  assert.deepEqual(read(Object.assign(Object.create(null), { x: 2 }), { schema: { x: number() } }).row, { x: 2 });
});

test("a million strange names leave a bounded trace", () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`strange${index}`, 1]));
  const ignored = read({ ...many, x: 1 }, { schema: { x: number() }, unknownFields: "ignore" });
  assert.ok(ignored.warnings.size <= 33);
  const counts = [...ignored.warnings.values()].reduce((sum, { count }) => sum + count, 0);
  assert.equal(counts, 20_000);
  const refusedRow = read({ ...many, x: 1 }, { schema: { x: number() }, unknownFields: "reject" });
  assert.equal(refusedRow.row, undefined);
  assert.equal(refusedRow.issues.length, 1000);
});

test("objects and lists are read to the bottom with their own paths", () => {
  const schema = { stops: list(object({ zone: integer({ min: 1 }), "a/b": number().optional() }), { maxItems: 3 }) };
  const { issues } = read({ stops: [{ zone: 1 }, { zone: 0, "a/b": "x" }, 7] }, { schema });
  assert.deepEqual(codes(issues), ["/stops/1/zone out_of_range", "/stops/1/a~1b wrong_type", "/stops/2 wrong_type"]);
  assert.deepEqual(codes(read({ stops: [1, 2, 3, 4] }, { schema }).issues), ["/stops too_many_items"]);
});

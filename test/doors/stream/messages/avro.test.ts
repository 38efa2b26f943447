// Avro's binary encoding: every type there and back, and bytes that lie about their lengths.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AvroFault, avroSchema, readAvroType } from "../../../../src/doors/stream/messages/avro/avro-type.ts";
import { avroReader } from "../../../../src/doors/stream/messages/avro/read-avro.ts";
import { writeAvro } from "../../../../src/doors/stream/messages/avro/write-avro.ts";

function roundTrip(schema: unknown, value: unknown): unknown {
  const type = readAvroType(schema);
  return avroReader(readAvroType(avroSchema(type)), { exact: true })(writeAvro(type, value));
}

describe("a value", () => {
  const samples: readonly (readonly [schema: unknown, values: readonly unknown[]])[] = [
    ["null", [null]],
    ["boolean", [true, false]],
    ["int", [0, -1, 2147483647, -2147483648]],
    ["long", [0, -64, 2 ** 52, Number.MAX_SAFE_INTEGER, 9223372036854775807n, -9223372036854775808n]],
    ["double", [1.5, -0, Number.MAX_VALUE]],
    ["float", [1.5]],
    ["string", ["", "é\u0000😀"]],
    ["bytes", ["AAEC/w=="]],
    [{ type: "enum", name: "E", symbols: ["A", "B"] }, ["B"]],
    [{ type: "fixed", name: "F", size: 3 }, ["AAEC"]],
    [{ type: "array", items: ["null", "string"] }, [[], ["a", null]]],
    [{ type: "map", values: "long" }, [{}, { a: 1, __proto__x: 2 }]],
    [{ type: "int", logicalType: "date" }, ["1969-12-31", "2026-02-28"]],
    [{ type: "int", logicalType: "time-millis" }, ["23:59:59.999"]],
    [{ type: "long", logicalType: "time-micros" }, ["00:00:00.000001"]],
    [{ type: "long", logicalType: "timestamp-millis" }, ["1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]],
    [{ type: "long", logicalType: "timestamp-micros" }, ["2026-01-31T12:00:00.123456Z"]],
    [{ type: "long", logicalType: "timestamp-nanos" }, ["1969-12-31T23:59:59.123456789Z"]],
    [{ type: "long", logicalType: "local-timestamp-micros" }, ["2026-01-31T12:00:00.123456"]],
    [{ type: "bytes", logicalType: "decimal", precision: 9, scale: 2 }, ["-12.50", "0.00", "1234567.89", "-0.01"]],
    [{ type: "fixed", name: "D", size: 8, logicalType: "decimal", precision: 12, scale: 0 }, ["-255", "999999999999"]],
    [{ type: "string", logicalType: "uuid" }, ["0f1e2d3c-0000-4000-8000-000000000001"]],
    [{ type: "fixed", name: "U", size: 16, logicalType: "uuid" }, ["0f1e2d3c-0000-4000-8000-000000000001"]],
    [{ type: "fixed", name: "P", size: 12, logicalType: "duration" }, [{ months: 1, days: 2, millis: 4294967295 }]],
    [
      {
        type: "record",
        name: "N",
        fields: [
          { name: "v", type: "int" },
          { name: "next", type: ["null", "N"] },
        ],
      },
      [{ v: 1, next: { v: 2, next: null } }],
    ],
  ];

  for (const [schema, values] of samples) {
    test(`of ${JSON.stringify(schema)} comes back`, () => {
      for (const value of values) assert.deepEqual(roundTrip(schema, value), value);
    });
  }

  test("of any long comes back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        assert.equal(BigInt(roundTrip("long", value) as number | bigint), value);
      }),
    );
  });

  test("that does not fit is named by its place, not by its value", () => {
    const schema = { type: "record", name: "R", fields: [{ name: "a", type: { type: "array", items: "int" } }] };
    for (const bad of ["secret", 2 ** 31, 1.5, null]) {
      assert.throws(
        () => roundTrip(schema, { a: [1, bad] }),
        (error: Error) => {
          return error instanceof AvroFault && error.message.includes("/a/1") && !error.message.includes("secret");
        },
      );
    }
  });

  test("with a logical type that is unknown or stands on another type is as if it had none", () => {
    assert.equal(roundTrip({ type: "string", logicalType: "date" }, "x"), "x");
    assert.equal(roundTrip({ type: "int", logicalType: "mine" }, 7), 7);
    assert.equal(roundTrip({ type: "bytes", logicalType: "decimal", precision: 2, scale: 3 }, "AAE="), "AAE=");
  });
});

describe("bytes that lie", () => {
  const huge = writeAvro(readAvroType("long"), 2 ** 50);
  const refuse = (schema: unknown, bytes: Uint8Array): void => {
    assert.throws(() => avroReader(readAvroType(schema))(bytes), AvroFault);
  };

  test("about a length cost nothing", () => {
    const since = performance.now();
    const nothing = { type: "record", name: "Z", fields: [] };
    for (const items of ["int", "null", nothing]) refuse({ type: "array", items }, huge);
    refuse({ type: "map", values: "null" }, huge);
    refuse("string", huge);
    refuse("bytes", huge);
    refuse("string", writeAvro(readAvroType("long"), -5));
    assert.ok(performance.now() - since < 5000);
  });

  test("about branches, symbols, booleans, numbers and text are refused", () => {
    refuse(["null", "int"], Buffer.of(4, 0));
    refuse(["null", "int"], Buffer.of(1));
    refuse({ type: "enum", name: "E", symbols: ["A"] }, Buffer.of(2));
    refuse("boolean", Buffer.of(2));
    refuse("int", writeAvro(readAvroType("long"), 2 ** 31));
    refuse("long", Buffer.alloc(11, 0xff));
    refuse("string", Buffer.of(4, 0xc3, 0x28));
    refuse({ type: "long", logicalType: "timestamp-millis" }, writeAvro(readAvroType("long"), 2 ** 60));
    refuse("int", Buffer.of(2, 2));
  });

  test("about their depth are refused", () => {
    const schema = { type: "record", name: "N", fields: [{ name: "next", type: ["null", "N"] }] };
    refuse(schema, Buffer.concat([Buffer.alloc(100_000, 2), Buffer.of(0)]));
  });

  test("by a schema of nothing in nothing, doubled each time, are refused", () => {
    let schema: unknown = { type: "record", name: "R0", fields: [] };
    for (let level = 1; level < 60; level++) {
      const fields = [
        { name: "a", type: schema },
        { name: "b", type: `R${level - 1}` },
      ];
      schema = { type: "record", name: `R${level}`, fields };
    }
    refuse(schema, Buffer.alloc(0));
  });

  test("in any way are a fault and nothing else", () => {
    const schema = readAvroType({
      type: "record",
      name: "R",
      fields: [
        { name: "a", type: { type: "array", items: ["null", "string", { type: "map", values: "double" }] } },
        { name: "b", type: { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 } },
        { name: "c", type: { type: "long", logicalType: "timestamp-micros" } },
      ],
    });
    const read = avroReader(schema);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          assert.ok(error instanceof AvroFault, String(error));
        }
      }),
      { numRuns: 5000 },
    );
  });
});

test("a schema that does not hold together is refused", () => {
  for (const schema of [
    null,
    7,
    [],
    "Ride",
    ["null", ["int"]],
    { type: "record", name: "R" },
    { type: "record", name: "R;x", fields: [] },
    {
      type: "record",
      name: "R",
      fields: [
        { name: "a", type: "int" },
        { name: "a", type: "int" },
      ],
    },
    { type: "enum", name: "E", symbols: ["a-b"] },
    { type: "fixed", name: "F", size: -1 },
  ]) {
    assert.throws(() => readAvroType(schema), AvroFault, JSON.stringify(schema));
  }
});

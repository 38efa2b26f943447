// Avro and JSON in the frame of a schema registry, against a registry of ours: schemas that are there, missing, broken, refused.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../../src/base/errors.ts";
import type { StreamSection } from "../../../../src/deployment/sections.ts";
import { readAvroType } from "../../../../src/doors/stream/messages/avro/avro-type.ts";
import { avroReader } from "../../../../src/doors/stream/messages/avro/read-avro.ts";
import { writeAvro } from "../../../../src/doors/stream/messages/avro/write-avro.ts";
import { resolveRegistryAddress } from "../../../../src/doors/stream/messages/registry/registry-options.ts";
import { frame, schemaIdOf } from "../../../../src/doors/stream/messages/registry/wire-format.ts";
import type { Carried, MessageShape } from "../../../../src/doors/stream/messages/shape.ts";
import { type RegistryServer, startRegistry } from "./registry-server.ts";
import { courseSection, record, refusal, rideShape } from "./service.ts";

const ride = {
  type: "record",
  name: "Ride",
  namespace: "taxi",
  fields: [
    { name: "PULocationID", type: "int" },
    { name: "DOLocationID", type: "int" },
    { name: "trip_distance", type: "double" },
    { name: "note", type: ["null", "string"], default: null },
    { name: "at", type: ["null", { type: "long", logicalType: "timestamp-micros" }], default: null },
  ],
};
const event = {
  type: "record",
  name: "RideEvent",
  namespace: "taxi",
  fields: [
    { name: "ride", type: ride },
    { name: "ride_id", type: "long" },
    { name: "fare", type: { type: "bytes", logicalType: "decimal", precision: 30, scale: 4 } },
  ],
};
const never = new AbortController().signal;

function message(id: number, more: Readonly<Record<string, unknown>> = {}): Buffer {
  const sent = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66, note: null, at: null };
  const value = { ride: sent, ride_id: 9007199254740993n, fare: "12345678901234567890.1200", ...more };
  return frame(id, writeAvro(readAvroType(event), value));
}

async function answer(shape: MessageShape, bytes: Buffer): Promise<Buffer> {
  const carried = await decoded(shape, bytes);
  await shape.prepareAnswers?.([carried], never);
  return Buffer.from(shape.encode({ duration: 21.5 }, carried, "7").value!);
}

async function decoded(shape: MessageShape, bytes: Buffer): Promise<Carried> {
  const sent = record(bytes);
  await shape.prepare?.([sent], never);
  const found = shape.decode(sent);
  assert.ok(found.kind === "row");
  return found.carried;
}

const avroSection = (registry: RegistryServer, more: StreamSection = {}): StreamSection => ({
  ...courseSection,
  keep: ["ride_id", "fare"],
  format: "avro",
  schemaRegistry: registry.url,
  ...more,
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "none",
    (error: unknown) => (isTrimaranError(error) ? error.code : String(error)),
  );
}

describe("Avro with a schema registry", () => {
  test("is read by the schema that it names, and answered under `<topic>-value`", async () => {
    await using registry = await startRegistry();
    const id = registry.add("rides-value", event);
    const shape = rideShape(avroSection(registry), { outputTopic: "predictions" });
    const sent = record(message(id));
    await shape.prepare?.([sent], never);
    const found = shape.decode(sent);
    assert.ok(found.kind === "row");
    assert.deepEqual(found.row, { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 });
    const told = await answer(shape, message(id));
    const stored = registry.subjects.get("predictions-value")!;
    assert.equal(stored.length, 1);
    assert.equal(schemaIdOf(told), stored[0]!.id);
    const type = readAvroType(JSON.parse(stored[0]!.schema));
    assert.deepEqual(avroReader(type, { exact: true })(told.subarray(5)), {
      model: "ride_duration_prediction_model",
      version: "7",
      prediction: { ride_duration: 21.5, ride_id: 9007199254740993n, fare: "12345678901234567890.1200" },
    });
  });

  test("asks for each schema once, and not at all where it knows them", async () => {
    await using registry = await startRegistry();
    const id = registry.add("rides-value", event);
    const shape = rideShape(avroSection(registry));
    await Promise.all([answer(shape, message(id)), answer(shape, message(id))]);
    await answer(shape, message(id));
    assert.equal(registry.asked.filter((line) => line.startsWith("GET")).length, 1);
    assert.equal(shape.prepare?.([record(message(id))], never), undefined);
    assert.deepEqual([...registry.subjects.keys()], ["rides-value", "ride-duration-predictions-value"]);
  });

  test("reads schemas that name others", async () => {
    await using registry = await startRegistry();
    registry.add("taxi.Ride", ride);
    const references = [{ name: "taxi.Ride", subject: "taxi.Ride", version: 1 }];
    const [, ...others] = event.fields;
    const named = { ...event, fields: [{ name: "ride", type: "taxi.Ride" }, ...others] };
    const id = registry.add("rides-value", named, { references });
    await answer(rideShape(avroSection(registry)), message(id));
  });

  test("ends where schemas name one another in a circle", async () => {
    await using registry = await startRegistry();
    const references = [{ name: "taxi.Ride", subject: "loop", version: 1 }];
    const id = registry.add(
      "loop",
      { type: "record", name: "L", fields: [{ name: "a", type: "taxi.Ride" }] },
      { references },
    );
    const shape = rideShape(avroSection(registry));
    await shape.prepare?.([record(message(id))], never);
    assert.deepEqual(refusal(shape, message(id)), [" unknown_schema"]);
  });

  test("refuses what is kept where its schema leaves its type open", async () => {
    await using registry = await startRegistry();
    const branch = (name: string, type: string): unknown => ({ type: "record", name, fields: [{ name: "x", type }] });
    const fields = [
      { name: "ride", type: ride },
      { name: "of", type: [branch("A", "int"), branch("B", "string")] },
    ];
    const open = { type: "record", name: "Open", fields };
    const id = registry.add("open", open);
    const shape = rideShape(avroSection(registry, { keep: ["of.x"] }));
    const sent = (x: unknown): Buffer => {
      const value = { ride: { PULocationID: 1, DOLocationID: 1, trip_distance: 1 }, of: { x } };
      const narrow = {
        ...open,
        fields: [
          fields[0],
          { name: "of", type: branch(typeof x === "number" ? "A" : "B", typeof x === "number" ? "int" : "string") },
        ],
      };
      const body = writeAvro(readAvroType(narrow), value);
      // The branch stands before the record: behind it nothing comes but `x`.
      const tail = writeAvro(readAvroType(typeof x === "number" ? "int" : "string"), x).length;
      const at = body.length - tail;
      return frame(
        id,
        Buffer.concat([body.subarray(0, at), Buffer.of(typeof x === "number" ? 0 : 2), body.subarray(at)]),
      );
    };
    await answer(shape, sent(7));
    assert.deepEqual(refusal(shape, sent("seven")), ["/of/x wrong_type"]);
  });

  test("refuses messages of a schema that is not there, of another type, or that is none", async () => {
    await using registry = await startRegistry();
    const shape = rideShape(avroSection(registry));
    const known = registry.add("rides-value", event);
    const proto = registry.add("p", 'syntax = "proto3";', { schemaType: "PROTOBUF" });
    const broken = registry.add("b", { type: "record", name: "R", fields: [{ name: "a", type: "nothing" }] });
    for (const id of [7, proto, broken]) {
      const sent = message(id);
      await shape.prepare?.([record(sent)], never);
      assert.deepEqual(refusal(shape, sent), [" unknown_schema"], String(id));
    }
    await shape.prepare?.([record(message(known))], never);
    assert.deepEqual(refusal(shape, '{"ride":1}'), [" not_framed"]);
    assert.deepEqual(refusal(shape, message(known).subarray(0, 20)), [" bad_avro"]);
    assert.deepEqual(refusal(shape, Buffer.concat([message(known), Buffer.of(0)])), [" bad_avro"]);
    assert.deepEqual(refusal(shape, null), [" empty"]);
  });

  test("blames no message for a registry that fails, denies or is another server", async () => {
    await using registry = await startRegistry();
    const id = registry.add("rides-value", event);
    const sent = [record(message(id))];
    const shape = rideShape(avroSection(registry));
    registry.fails = 503;
    assert.equal(await codeOf(shape.prepare!(sent, never)!), "SCHEMA_REGISTRY_UNAVAILABLE");
    registry.fails = 404;
    assert.equal(await codeOf(shape.prepare!(sent, never)!), "SCHEMA_REGISTRY_ANSWER");
    registry.fails = null;
    registry.authorization = "Basic dTpw";
    assert.equal(await codeOf(shape.prepare!(sent, never)!), "SCHEMA_REGISTRY_DENIED");
    const env = { TRIMARAN_SCHEMA_REGISTRY_USER: "u", TRIMARAN_SCHEMA_REGISTRY_PASSWORD: "p" };
    await answer(rideShape(avroSection(registry), { env }), message(id));
    registry.authorization = null;
    await answer(shape, message(id));
    const gone = rideShape(avroSection(registry, { schemaRegistry: "http://127.0.0.1:1" }));
    assert.equal(await codeOf(gone.prepare!(sent, never)!), "SCHEMA_REGISTRY_UNAVAILABLE");
    await answer(
      rideShape(avroSection(registry, { schemaRegistry: `http://127.0.0.1:1, ${registry.url}` })),
      message(id),
    );
  });

  test("says what the registry has against the answers' schema", async () => {
    await using registry = await startRegistry();
    const id = registry.add("rides-value", event);
    const looksUp = rideShape(avroSection(registry, { registerSchemas: false, subject: "mine" }));
    assert.equal(await codeOf(answer(looksUp, message(id))), "SCHEMA_NOT_REGISTERED");
    const registers = rideShape(avroSection(registry, { subject: "mine" }));
    registry.refuses = true;
    assert.equal(await codeOf(answer(registers, message(id))), "SCHEMA_REFUSED");
    registry.refuses = false;
    await answer(registers, message(id));
    await answer(looksUp, message(id));
  });
});

describe("JSON with a schema registry", () => {
  test("is read without its frame and answered in one, under a JSON Schema", async () => {
    await using registry = await startRegistry();
    const shape = rideShape({ ...courseSection, format: "json-schema", schemaRegistry: registry.url });
    const told = await answer(shape, frame(5, Buffer.from('{"ride":{},"ride_id":256}')));
    const [stored] = registry.subjects.get("ride-duration-predictions-value")!;
    assert.equal(schemaIdOf(told), stored!.id);
    assert.equal(stored!.schemaType, "JSON");
    const schema = JSON.parse(stored!.schema) as { properties: { prediction: { required: unknown } } };
    assert.deepEqual(schema.properties.prediction.required, ["ride_duration", "ride_id"]);
    const answered =
      '{"model":"ride_duration_prediction_model","version":"7","prediction":{"ride_duration":21.5,"ride_id":256}}';
    assert.equal(told.subarray(5).toString(), answered);
    assert.deepEqual(refusal(shape, frame(5, Buffer.from("{"))), [" not_json"]);
  });

  test("may be answered in Avro, whose names must do", async () => {
    await using registry = await startRegistry();
    const section = { ...courseSection, outputFormat: "avro", schemaRegistry: registry.url };
    const told = await answer(rideShape(section), Buffer.from('{"ride":{},"ride_id":"a"}'));
    const [stored] = registry.subjects.get("ride-duration-predictions-value")!;
    const value = avroReader(readAvroType(JSON.parse(stored!.schema)))(told.subarray(5));
    assert.deepEqual((value as { prediction: unknown }).prediction, { ride_duration: 21.5, ride_id: "a" });
    assert.throws(() => rideShape({ ...section, keep: ["ride-id"] }), { code: "STREAM_SHAPE_INVALID" });
    for (const kept of ['{"a":1}', "[1]"]) {
      assert.deepEqual(refusal(rideShape(section), `{"ride":{},"ride_id":${kept}}`), ["/ride_id wrong_type"]);
    }
    const large = await answer(rideShape(section), Buffer.from('{"ride":{},"ride_id":123456789012345678901234567890}'));
    assert.ok(large.length > 0);
  });
});

describe("the address of a schema registry", () => {
  const codes = (text: string, env: Readonly<Record<string, string>> = {}): string => {
    try {
      return resolveRegistryAddress(text, env).authorization ?? "none";
    } catch (error) {
      return isTrimaranError(error) ? error.code : String(error);
    }
  };

  test("is http or https without secrets in it", () => {
    assert.equal(codes("https://a:8081/base,http://b"), "none");
    for (const text of ["", "a:8081", "ftp://a", "https://u:p@a", "https://a?x=1"]) {
      assert.equal(codes(text), "SCHEMA_REGISTRY_ADDRESS", text);
    }
  });

  test("takes its secrets from the environment or a file, one of them", () => {
    const folder = mkdtempSync(join(tmpdir(), "registry-"));
    const file = join(folder, "token");
    writeFileSync(file, "t0\n");
    const name = "TRIMARAN_SCHEMA_REGISTRY_TOKEN";
    assert.equal(codes("http://a", { [`${name}_FILE`]: file }), "Bearer t0");
    assert.equal(codes("http://a", { [name]: "t", [`${name}_FILE`]: file }), "SCHEMA_REGISTRY_SECRET");
    assert.equal(codes("http://a", { [`${name}_FILE`]: `${file}.not` }), "SCHEMA_REGISTRY_SECRET");
    assert.equal(codes("http://a", { [name]: "a\r\nx: y" }), "SCHEMA_REGISTRY_SECRET");
    assert.equal(codes("http://a", { TRIMARAN_SCHEMA_REGISTRY_USER: "u" }), "SCHEMA_REGISTRY_SECRET");
    rmSync(folder, { recursive: true });
  });
});

// Messages of real clients: what Python's serializers write is read, and what is answered they read.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";
import type { StreamSection } from "../../../src/deployment/sections.ts";
import { readAvroType } from "../../../src/doors/stream/messages/avro/avro-type.ts";
import { avroReader } from "../../../src/doors/stream/messages/avro/read-avro.ts";
import { writeAvro } from "../../../src/doors/stream/messages/avro/write-avro.ts";
import type { EncodedMessage } from "../../../src/doors/stream/messages/shape.ts";
import { type RegistryServer, startRegistry } from "../../doors/stream/messages/registry-server.ts";
import { courseSection, record, rideShape } from "../../doors/stream/messages/service.ts";
import { root } from "../spawn-cli.ts";

const pins: PythonPins = {
  name: "messages",
  python: "3.12",
  pins: ["confluent-kafka[avro,json,schemaregistry]==2.12.2", "fastavro==1.12.1", "cloudevents==1.12.0"],
};
const python = await makePythonEnvironment(pins).catch(() => undefined);
const skip = python === undefined ? "pip cannot install confluent-kafka and fastavro here" : false;

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

interface Encoded {
  readonly avro: string;
  readonly json: string;
  readonly structured: Message;
  readonly binary: Message;
  readonly values: readonly { readonly schema: unknown; readonly bytes: string; readonly text: unknown }[];
}

async function ask<T>(...command: readonly unknown[]): Promise<T> {
  const child = spawn(python!, [`${root}test/e2e/messages/clients.py`], {
    env: { ...process.env, PYTHONWARNINGS: "ignore" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  child.stdin.end(JSON.stringify([command[0], command.slice(1)]));
  const said = await text(child.stdout);
  assert.deepEqual(await exited, [0, null]);
  return JSON.parse(said) as T;
}

const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64");
const never = new AbortController().signal;

async function answer(section: StreamSection, topic: string, message: Message): Promise<EncodedMessage> {
  const shape = rideShape({ ...courseSection, ...section }, { outputTopic: topic });
  const sent = record(bytesOf(message.value), message.headers);
  await shape.prepare?.([sent], never);
  const decoded = shape.decode(sent);
  assert.ok(decoded.kind === "row");
  assert.deepEqual(
    { note: null, at: null, ...(decoded.row as object) },
    { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66, note: null, at: null },
  );
  await shape.prepareAnswers?.([decoded.carried], never);
  return shape.encode({ duration: 21.5 }, decoded.carried, "7");
}

function told({ headers, value }: EncodedMessage): Message {
  const entries = headers.map(([name, bytes]) => [name, Buffer.from(bytes!).toString()]);
  return { headers: Object.fromEntries(entries), value: Buffer.from(value!).toString("base64") };
}

async function roundTrip(registry: RegistryServer, encoded: Encoded): Promise<Readonly<Record<string, unknown>>> {
  const schemaRegistry = registry.url;
  const framed = (value: string): Message => ({ headers: {}, value });
  const [avro, json, structured, binary] = await Promise.all([
    answer({ format: "avro", schemaRegistry }, "predictions", framed(encoded.avro)),
    answer({ format: "json-schema", schemaRegistry }, "predictions-json", framed(encoded.json)),
    answer({ format: "cloudevents" }, "predictions", encoded.structured),
    answer({ format: "cloudevents" }, "predictions", encoded.binary),
  ]);
  return await ask("decode", registry.url, {
    avro: told(avro).value,
    json: told(json).value,
    structured: told(structured),
    binary: told(binary),
  });
}

describe("messages of Python's clients", { skip }, () => {
  test("with a schema registry and as CloudEvents are read, and the answers are read by the same clients", async () => {
    await using registry = await startRegistry();
    const encoded = await ask<Encoded>("encode", registry.url);
    const decoded = await roundTrip(registry, encoded);
    const prediction = { ride_duration: 21.5, ride_id: 256 };
    const answered = { model: "ride_duration_prediction_model", version: "7", prediction };
    assert.deepEqual(decoded["avro"], answered);
    assert.deepEqual(decoded["json"], answered);
    for (const mode of ["structured", "binary"]) {
      const { attributes, data } = decoded[mode] as { attributes: Record<string, unknown>; data: unknown };
      assert.deepEqual(data, answered, mode);
      const { id, source, type, subject, sampled } = attributes;
      assert.deepEqual(
        [id, source, type, subject, sampled],
        ["rides/3/42", "/trimaran/ride-duration", "trimaran.prediction", "s", "1"],
        mode,
      );
    }
  });

  test("of every Avro type are read as fastavro means them, and written as it writes them", async () => {
    await using registry = await startRegistry();
    const { values } = await ask<Encoded>("encode", registry.url);
    for (const { schema, bytes, text: meant } of values) {
      const type = readAvroType(schema);
      const value = avroReader(type, { exact: true })(bytesOf(bytes));
      assert.equal(shown(value), shown(meant), JSON.stringify(schema));
      assert.equal(writeAvro(type, value).toString("base64"), bytes, JSON.stringify(schema));
    }
  });
});

/** Python writes moments with `+00:00` and with as many digits as there are; large integers arrive here as doubles. */
function shown(value: unknown): string {
  if (typeof value === "bigint") return String(Number(value));
  if (typeof value !== "string" || !/^\d{4}-.*T/.test(value))
    return typeof value === "string" ? value : JSON.stringify(value);
  const [moment = "", fraction = ""] = value.replace(/(Z|\+00:00)$/, "").split(".");
  return `${moment}.${fraction.padEnd(6, "0")}`;
}

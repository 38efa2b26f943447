// Formats of messages over a real broker: Avro with a schema registry and binary CloudEvents, in and out, with poison among them.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import kafkajs, { type IHeaders, type KafkaMessage } from "kafkajs";
import { type KafkaServer, kafkaSkip, startKafka } from "../../../scripts/kafka-server.ts";
import { readAvroType } from "../../../src/doors/stream/messages/avro/avro-type.ts";
import { avroReader } from "../../../src/doors/stream/messages/avro/read-avro.ts";
import { writeAvro } from "../../../src/doors/stream/messages/avro/write-avro.ts";
import { frame, schemaIdOf } from "../../../src/doors/stream/messages/registry/wire-format.ts";
import { startRegistry } from "../../doors/stream/messages/registry-server.ts";
import { type Finished, root, spawnCli } from "../spawn-cli.ts";

const count = 200;
const schema = {
  type: "record",
  name: "RideEvent",
  fields: [
    {
      name: "ride",
      type: {
        type: "record",
        name: "Ride",
        fields: [
          { name: "PULocationID", type: "int" },
          { name: "DOLocationID", type: "int" },
          { name: "trip_distance", type: "double" },
        ],
      },
    },
    { name: "ride_id", type: "long" },
  ],
};
const ride = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };
const duration = 15.691732237505335;

interface Sent {
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

describe("formats over Kafka", { skip: await kafkaSkip(), timeout: 200_000 }, () => {
  const held: { server?: KafkaServer; folder: string; kafka?: kafkajs.Kafka } = { folder: "" };

  before(async () => {
    held.server = await startKafka();
    held.folder = await mkdtemp(join(tmpdir(), "trimaran-kafka-formats-"));
    held.kafka = new kafkajs.Kafka({ brokers: [held.server.broker], logLevel: kafkajs.logLevel.NOTHING });
    const admin = held.kafka.admin();
    await admin.connect();
    const names = ["avro", "events"].flatMap((name) => [name, `${name}-answers`, `${name}-dead`]);
    const topics = names.map((topic) => ({ topic, numPartitions: 1 }));
    await admin.createTopics({ waitForLeaders: true, topics });
    await admin.disconnect();
  });
  after(async () => {
    await held.server?.[Symbol.asyncDispose]();
    await rm(held.folder, { recursive: true, force: true });
  });

  async function send(topic: string, messages: readonly Sent[]): Promise<void> {
    const producer = held.kafka!.producer();
    await producer.connect();
    await producer.send({ topic, messages: messages.map((message) => ({ ...message })) });
    await producer.disconnect();
  }

  async function stream(
    name: string,
    flags: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const url = (topic: string): string => held.server!.url(topic);
    const places = ["--from", url(name), "--to", url(`${name}-answers`), "--dead-letter", url(`${name}-dead`)];
    const rest = ["--until-end", "--pin", "--home", held.folder, ...flags];
    const args = ["stream", `${root}examples/ride-duration`, ...places, ...rest];
    let finished = await spawnCli(args, { env });
    // A broker that has just started may ask for patience: 75 says so.
    for (let turn = 0; finished.code === 75 && turn < 5; turn++) finished = await spawnCli(args, { env });
    assert.equal(finished.code, 0, finished.stderr);
    return finished;
  }

  async function read(topic: string, wanted: number): Promise<readonly KafkaMessage[]> {
    const consumer = held.kafka!.consumer({ groupId: `read-${topic}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const found: KafkaMessage[] = [];
    await new Promise<void>((done, fail) => {
      const eachMessage = async ({ message }: { readonly message: KafkaMessage }): Promise<void> => {
        if (found.push(message) === wanted) done();
      };
      consumer.run({ eachMessage }).catch(fail);
    });
    await consumer.disconnect();
    return found;
  }

  const texts = (headers: IHeaders | undefined): Record<string, string> =>
    Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

  it("Avro is read by the schema that it names and answered under `<topic>-value`; what cannot be read goes aside", async () => {
    await using registry = await startRegistry();
    registry.authorization = "Bearer t0";
    const id = registry.add("avro-value", schema);
    const type = readAvroType(schema);
    const rides = Array.from({ length: count }, (_, ride_id): Sent => {
      return {
        key: `k${ride_id}`,
        value: frame(id, writeAvro(type, { ride, ride_id })),
        headers: { trace: String(ride_id) },
      };
    });
    const poison: readonly Sent[] = [
      { key: "json", value: Buffer.from('{"ride":1}') },
      { key: "unknown", value: frame(77, Buffer.of(1)) },
      { key: "cut", value: rides[0]!.value.subarray(0, 12) },
    ];
    await send("avro", [...rides.slice(0, 50), ...poison, ...rides.slice(50)]);
    await stream("avro", ["--format", "avro", "--schema-registry", registry.url], {
      TRIMARAN_SCHEMA_REGISTRY_TOKEN: "t0",
    });
    const [stored] = registry.subjects.get("avro-answers-value") ?? [];
    const answerOf = avroReader(readAvroType(JSON.parse(stored!.schema)));
    for (const [ride_id, { key, value, headers }] of (await read("avro-answers", count)).entries()) {
      assert.equal(String(key), `k${ride_id}`);
      assert.deepEqual(texts(headers), { trace: String(ride_id) });
      assert.equal(schemaIdOf(value), stored!.id);
      const { prediction } = answerOf(value!.subarray(5)) as { readonly prediction: unknown };
      assert.deepEqual(prediction, { ride_duration: duration, ride_id });
    }
    const dead = await read("avro-dead", poison.length);
    assert.deepEqual(
      dead.map(({ key, value, headers }) => [
        String(key),
        value!.toString("hex"),
        texts(headers)["trimaran-error-code"],
      ]),
      poison.map(({ key, value }, index) => [
        key,
        value.toString("hex"),
        ["not_framed", "unknown_schema", "bad_avro"][index],
      ]),
    );
  });

  it("binary events are answered by binary events, whatever they say of their time", async () => {
    const data = (ride_id: number): Buffer => Buffer.from(JSON.stringify({ ride, ride_id }));
    const headersOf = (id: number): Record<string, string> => ({
      "content-type": "application/json",
      ce_specversion: "1.0",
      ce_id: String(id),
      ce_source: "/rides",
      ce_type: "ride.started",
      ce_time: id % 2 === 0 ? "9999-12-31T23:59:59Z" : "0001-01-01T00:00:00Z",
      ce_subject: `ride ${id}`,
    });
    const events = Array.from({ length: 20 }, (_, id): Sent => ({ key: "k", value: data(id), headers: headersOf(id) }));
    const nameless = { key: "bad", value: data(1), headers: { ...headersOf(1), ce_id: "" } };
    await send("events", [...events, nameless]);
    await stream("events", ["--format", "cloudevents"]);
    for (const [id, { value, headers }] of (await read("events-answers", events.length)).entries()) {
      const { prediction } = JSON.parse(String(value)) as { readonly prediction: unknown };
      assert.deepEqual(prediction, { ride_duration: duration, ride_id: id });
      const told = {
        ...headersOf(id),
        ce_id: `events/0/${id}`,
        ce_source: "/trimaran/ride-duration",
        ce_type: "trimaran.prediction",
      };
      assert.deepEqual(texts(headers), told);
    }
    const [dead] = await read("events-dead", 1);
    const { "trimaran-error-code": code, "trimaran-error-path": path, ce_subject } = texts(dead!.headers);
    assert.deepEqual([code, path, ce_subject], ["wrong_type", "/id", "ride 1"]);
  });
});

// What a user gets wrong about Kafka, over a real broker: a typed error that says what to do, and nothing written.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import kafkajs from "kafkajs";
import { type KafkaServer, kafkaPassword, kafkaSkip, kafkaUser, startKafka } from "../../../scripts/kafka-server.ts";
import { type Finished, root, spawnCli } from "../spawn-cli.ts";

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

describe("trimaran stream over Kafka says what is wrong", { skip: await kafkaSkip(), timeout: 200_000 }, () => {
  const held: { server?: KafkaServer; folder: string } = { folder: "" };
  const url = (topic: string): string => held.server!.url(topic);
  const target = `${root}examples/ride-duration`;
  const stream = (from: string, to: string, more: readonly string[] = [], env = {}): Promise<Finished> =>
    spawnCli(
      ["stream", target, "--from", from, "--to", to, "--json", "--until-end", "--home", held.folder, "--pin", ...more],
      { env },
    );
  const refused = (finished: Finished, exit: number): Refusal => {
    assert.equal(finished.code, exit, finished.stderr);
    const line = finished.stderr.trim().split("\n").at(-1) ?? "";
    return (JSON.parse(line) as { readonly error: Refusal }).error;
  };
  before(async () => {
    held.server = await startKafka();
    held.folder = await mkdtemp(join(tmpdir(), "trimaran-kafka-errors-"));
    const kafka = new kafkajs.Kafka({ brokers: [held.server.broker], logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        { topic: "rides", numPartitions: 2 },
        { topic: "answers", numPartitions: 2 },
        { topic: "dead", numPartitions: 1 },
        { topic: "tight", numPartitions: 1, configEntries: [{ name: "max.message.bytes", value: "150" }] },
      ],
    });
    const producer = kafka.producer();
    await producer.connect();
    const ride = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };
    const messages = Array.from({ length: 50 }, (_, id) => ({
      key: String(id),
      value: JSON.stringify({ ride, ride_id: id }),
    }));
    await producer.send({ topic: "rides", messages: [...messages, { key: "null", value: null }] });
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });
  after(async () => {
    await held.server?.[Symbol.asyncDispose]();
    await rm(held.folder, { recursive: true, force: true });
  });

  it("a topic that is not there, to read from or to write to", async () => {
    assert.equal(refused(await stream(url("nowhere"), url("answers")), 1).code, "KAFKA_TOPIC_MISSING");
    const { code, message } = refused(await stream(url("rides"), url("nothing")), 1);
    assert.deepEqual([code, message], ["KAFKA_TOPIC_MISSING", "There is no topic nothing."]);
  });

  it("a broker that is not there", async () => {
    const { code } = refused(await stream("kafka://127.0.0.1:1/rides", "kafka://127.0.0.1:1/answers"), 75);
    assert.equal(code, "KAFKA_UNREACHABLE");
  });

  it("TLS where none is spoken", async () => {
    const secure = (topic: string): string => url(topic).replace("kafka:", "kafkas:");
    const { code } = refused(await stream(secure("rides"), secure("answers")), 1);
    assert.equal(code, "KAFKA_TLS");
  });

  it("a wrong password, which it does not repeat; the right one reads", async () => {
    const at = (topic: string): string => `kafka://${held.server!.saslBroker}/${topic}`;
    const env = { TRIMARAN_KAFKA_USERNAME: kafkaUser, TRIMARAN_KAFKA_PASSWORD: "not-the-password" };
    const finished = await stream(at("rides"), at("answers"), [], env);
    assert.equal(refused(finished, 1).code, "KAFKA_DENIED");
    assert.doesNotMatch(finished.stderr, /not-the-password/);
    const right = { ...env, TRIMARAN_KAFKA_PASSWORD: kafkaPassword };
    const dead = ["--dead-letter", at("dead"), "--group", "by-password"];
    const done = await stream(at("rides"), at("answers"), dead, right);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stderr, /"records":51,"poison":1/);
    assert.doesNotMatch(done.stderr, /TimeoutNegativeWarning/);
  });

  it("a user without a password", async () => {
    const finished = await stream(url("rides"), url("answers"), [], { TRIMARAN_KAFKA_USERNAME: "me" });
    assert.equal(refused(finished, 1).code, "KAFKA_SECRET");
  });

  it("an answer that is larger than its topic takes", async () => {
    const more = ["--dead-letter", url("dead"), "--group", "tight"];
    const { code, message } = refused(await stream(url("rides"), url("tight"), more), 1);
    assert.equal(code, "KAFKA_MESSAGE_TOO_LARGE");
    assert.match(message, /rides\/\d/);
  });

  it("a record that cannot be answered, without a place for it, and once more when it is started again", async () => {
    const refusal = async (): Promise<string> => {
      const { code, message } = refused(await stream(url("rides"), url("answers"), ["--group", "alone"]), 1);
      assert.equal(code, "STREAM_NO_DEAD_LETTER");
      return /rides\/\d\/\d+/.exec(message)?.[0] ?? message;
    };
    assert.equal(await refusal(), await refusal());
  });

  it("addresses that are none", async () => {
    const answers = url("answers");
    assert.equal(refused(await stream("kafka://user:secret@127.0.0.1:9092/t", answers), 1).code, "KAFKA_URL");
    assert.equal(refused(await stream("kafka://127.0.0.1:9092/", answers), 1).code, "KAFKA_URL");
    assert.equal(refused(await stream(`${url("rides")}?offset=1`, answers), 1).code, "KAFKA_URL");
    assert.equal(refused(await stream(url("rides"), "kafka://127.0.0.1:1/answers"), 1).code, "KAFKA_CLUSTERS");
    assert.equal(refused(await stream(url("rides"), join(held.folder, "out.ndjson")), 1).code, "STREAM_MIXED");
  });

  it("settings that are no JSON, and a client that lacks what is asked for", async () => {
    const file = join(held.folder, "kafka.json");
    await writeFile(file, "client.id=x");
    const from = url("rides");
    const to = url("answers");
    assert.equal(refused(await stream(from, to, ["--kafka-config", file]), 1).code, "KAFKA_CONFIG");
    const kafkajsOnly = ["--kafka-client", "kafkajs"];
    for (const flag of [
      ["--instance-id", "a"],
      ["--group-protocol", "consumer"],
    ]) {
      assert.equal(refused(await stream(from, to, [...kafkajsOnly, ...flag]), 1).code, "KAFKA_CLIENT_LACKS");
    }
  });
});

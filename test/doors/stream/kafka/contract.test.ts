// What holds with either client library of Kafka, against a real broker; what a library lacks is skipped by its table.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { confluentSkip, findConfluentFolder } from "../../../../scripts/kafka-client.ts";
import { kafkaSkip } from "../../../../scripts/kafka-server.ts";
import { confluentCapabilities } from "../../../../src/doors/stream/kafka/confluent-client.ts";
import { type KafkaEngineOptions, openKafkaEngine } from "../../../../src/doors/stream/kafka/kafka-engine.ts";
import { kafkajsCapabilities } from "../../../../src/doors/stream/kafka/kafkajs-client.ts";
import { noHeaderValue } from "../../../../src/doors/stream/kafka/mend-kafkajs.ts";
import type { BatchHandler, OutgoingRecord } from "../../../../src/doors/stream/port.ts";
import { ContractBroker } from "./contract-broker.ts";

const noBroker = await kafkaSkip();
const clients = [
  { client: "kafkajs", can: kafkajsCapabilities, skip: noBroker },
  { client: "confluent", can: confluentCapabilities, skip: noBroker || (await confluentSkip()) },
] as const;

const copies: BatchHandler = async ({ records }) => ({
  outgoing: records.map(
    ({ key, value, headers }): OutgoingRecord => ({
      to: value === null || String(Buffer.from(value)) === "bad" ? "deadLetter" : "output",
      key,
      value,
      headers,
    }),
  ),
});

/** Until the end, or until `stop` says so after a batch. */
async function run(
  options: KafkaEngineOptions,
  handler: BatchHandler = copies,
  signal = new AbortController().signal,
): Promise<void> {
  await using engine = await openKafkaEngine(options);
  await engine.run(handler, signal);
}

for (const { client, can, skip } of clients) {
  describe(`Kafka by ${client}`, { skip, timeout: 240_000 }, () => {
    const held: { broker?: ContractBroker; folder?: string } = {};
    const made = async (name: string, partitions = 2): Promise<KafkaEngineOptions> => {
      const broker = held.broker!;
      await broker.topics(partitions, `${name}-in`, `${name}-out`, `${name}-dead`);
      return broker.options(name, client);
    };
    const numbered = (count: number, from = 0) =>
      Array.from({ length: count }, (_, at) => ({ key: `k${(from + at) % 7}`, value: String(from + at) }));
    const values = async (topic: string): Promise<readonly string[]> =>
      (await held.broker!.committed(topic)).map(({ value }) => value ?? "").sort((a, b) => Number(a) - Number(b));
    const upTo = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at));

    before(async () => {
      held.folder = process.cwd();
      // Where `trimaran stream` looks for the library that is not beside it.
      if (client === "confluent") process.chdir(findConfluentFolder()!);
      held.broker = await ContractBroker.open();
    });
    after(async () => {
      process.chdir(held.folder!);
      await held.broker?.[Symbol.asyncDispose]();
    });

    it("writes each record once, with key, value and headers, in the order of its key, and goes on where it stopped", async () => {
      const options = await made("plain");
      const extras = [
        { key: "h", value: "500", headers: { trace: "a", many: ["1", "2"] } },
        { key: null, value: "501" },
        { key: "k", value: null },
        { key: "k", value: "bad" },
      ];
      await held.broker!.send("plain-in", [...numbered(500), ...extras]);
      await run(options);
      const written = await held.broker!.committed("plain-out");
      assert.deepEqual(
        written.map(({ value }) => Number(value)).sort((a, b) => a - b),
        [...upTo(502)].map(Number),
      );
      for (let key = 0; key < 7; key++) {
        const own = written.filter((each) => each.key === `k${key}`);
        assert.equal(new Set(own.map(({ partition }) => partition)).size, 1);
        const order = own.map(({ value }) => Number(value));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
      const { trace, many } = written.find(({ value }) => value === "500")!.headers;
      assert.deepEqual([String(trace), String(many)], ["a", "1,2"]);
      const dead = (await held.broker!.committed("plain-dead")).map(({ value }) => value);
      assert.deepEqual(dead.toSorted(), ["bad", null]);
      assert.equal(await held.broker!.position("plain", "plain-in"), 504);
      await held.broker!.send("plain-in", numbered(10, 502));
      await run(options);
      assert.equal((await held.broker!.committed("plain-out")).length, 512);
    });

    it("carries headers without a value, and empty ones, to answers and dead letters", async () => {
      const options = await made("headers", 1);
      const headers = { none: noHeaderValue, empty: "", both: [noHeaderValue, "x", ""] };
      await held.broker!.send(
        "headers-in",
        ["good", "bad"].map((value) => ({ key: "k", value, headers })),
      );
      await run(options);
      const text = (value: unknown): string | null => (value === null ? null : String(value));
      for (const topic of ["headers-out", "headers-dead"]) {
        const [written] = await held.broker!.committed(topic);
        const { none, empty, both } = written!.headers;
        const found = [none, empty, ...(both as readonly unknown[])].map(text);
        // What Confluent's client brings as empty it may write as none.
        if (can.nullHeaders) assert.deepEqual(found, [null, "", null, "x", ""]);
        else
          assert.deepEqual(
            found.map((value) => value ?? ""),
            ["", "", "", "x", ""],
          );
      }
    });

    it("answers and commits what stands before the record that ends it, and begins with that record again", async () => {
      for (const delivery of ["exactly-once", "at-least-once"] as const) {
        const name = `ended-${delivery}`;
        const options = { ...(await made(name, 1)), delivery };
        await held.broker!.send(`${name}-in`, numbered(50));
        const ending: BatchHandler = async ({ records }) => {
          const at = records.findIndex(({ offset }) => offset === 25n);
          const done = at < 0 ? records : records.slice(0, at);
          const { outgoing } = await copies({ topic: "", partition: 0, records: done }, AbortSignal.timeout(1000));
          return at < 0 ? { outgoing } : { outgoing, ended: { records: at, error: new RangeError("no") } };
        };
        const aborted: string[] = [];
        const events = { ...options.events, aborted: (_: unknown, code: string) => void aborted.push(code) };
        for (const _ of [1, 2]) await assert.rejects(run({ ...options, batchSize: 10, events }, ending), RangeError);
        assert.deepEqual(await values(`${name}-out`), upTo(25));
        assert.equal(await held.broker!.position(name, `${name}-in`), 25);
        assert.deepEqual(aborted, []);
        await run(options);
        assert.deepEqual(await values(`${name}-out`), upTo(50));
      }
    });

    it("writes nothing of a batch whose handler fails, which comes again", async () => {
      const options = await made("fails", 1);
      await held.broker!.send("fails-in", numbered(50));
      const failing: BatchHandler = async ({ records }) => {
        if (records.some(({ offset }) => offset >= 25n)) throw new RangeError("no");
        return copies({ topic: "", partition: 0, records }, AbortSignal.timeout(1000));
      };
      await assert.rejects(run({ ...options, batchSize: 10 }, failing), RangeError);
      // The batches before it; where they begin is the client's affair.
      const done = await values("fails-out");
      assert.ok(done.length > 25 - 10 && done.length <= 25, `${done.length} are written`);
      assert.deepEqual(done, upTo(done.length));
      assert.equal(await held.broker!.position("fails", "fails-in"), done.length);
      await run(options);
      assert.deepEqual(await values("fails-out"), upTo(50));
    });

    it("does not read what was given up", async () => {
      const options = await made("aborted", 1);
      await held.broker!.send("aborted-in", numbered(5));
      await held.broker!.sendAborted("aborted-in", numbered(50, 1000));
      await held.broker!.send("aborted-in", numbered(5, 5));
      await held.broker!.sendAborted("aborted-in", numbered(50, 2000));
      await run(options);
      assert.deepEqual(await values("aborted-out"), upTo(10));
    });

    it("is fenced when another one has its transactional ID, and writes nothing", async () => {
      const usual = await made("fenced", 1);
      // So long it waits to be told that the group has moved on.
      const options = { ...usual, kafka: { ...usual.kafka, sessionTimeoutMs: 2000 } };
      await held.broker!.send("fenced-in", numbered(20));
      const slow: BatchHandler = async (batch, signal) => {
        await held.broker!.take("trimaran-fenced-fenced-in-0");
        return copies(batch, signal);
      };
      await assert.rejects(run(options, slow), { code: "KAFKA_FENCED" });
      assert.deepEqual(await values("fenced-out"), []);
      await run(options);
      assert.deepEqual(await values("fenced-out"), upTo(20));
    });

    it("says what is too large for its topic, and loses nothing; smaller ones get through in smaller requests", async () => {
      const broker = held.broker!;
      await broker.topics(1, "large-in", "large-dead");
      await broker.tightTopic("large-out", 2000);
      const small = Array.from({ length: 200 }, (_, at) => ({ key: "k", value: String(at).padStart(500, "0") }));
      await broker.send("large-in", small);
      const options = broker.options("large", client);
      await run(options);
      assert.equal((await broker.committed("large-out")).length, 200);
      await broker.send("large-in", [{ key: "k", value: "x".repeat(3000) }]);
      await assert.rejects(run(options), { code: "KAFKA_MESSAGE_TOO_LARGE" });
      assert.equal(await broker.position("large", "large-in"), 200);
    });

    it("finishes and commits what is under way when it is told to stop", async () => {
      const options = { ...(await made("stops")), untilEnd: false, batchSize: 20 };
      await held.broker!.send("stops-in", numbered(400));
      const stop = new AbortController();
      const stopping: BatchHandler = async (batch, signal) => {
        stop.abort();
        return copies(batch, signal);
      };
      await run(options, stopping, stop.signal);
      const done = (await values("stops-out")).length;
      assert.ok(done > 0 && done < 400, String(done));
      assert.equal(await held.broker!.position("stops", "stops-in"), done);
      await run({ ...options, untilEnd: true });
      assert.deepEqual(await values("stops-out"), upTo(400));
    });

    it("takes it for no end that its batches are long under way", async () => {
      const options = await made("slow");
      const large = numbered(16).map(({ key, value }) => ({ key, value: value.padEnd(400_000) }));
      for (const each of large) await held.broker!.send("slow-in", [each]);
      const seen = new Set<number>();
      const patient: BatchHandler = async (batch, signal) => {
        // Each partition's first one: longer than a stream is idle.
        if (!seen.has(batch.partition)) await sleep(4500);
        seen.add(batch.partition);
        return copies(batch, signal);
      };
      await run(options, patient);
      const written = (await values("slow-out")).map((value) => value.trim());
      assert.deepEqual(written, upTo(16));
    });

    it("answers at least once, and has moved its position when it is stopped", async () => {
      const options = { ...(await made("least")), delivery: "at-least-once" as const };
      await held.broker!.send("least-in", numbered(300));
      await run(options);
      assert.deepEqual(await values("least-out"), upTo(300));
      assert.equal(await held.broker!.position("least", "least-in"), 300);
    });

    it("writes to the topic that a record names, and needs none of its own then", async () => {
      const options = await made("named");
      await held.broker!.send("named-in", numbered(5));
      const named: BatchHandler = async ({ records }) => ({
        outgoing: records.map(({ key, value }) => ({ to: "output", topic: "named-dead", key, value, headers: [] })),
      });
      await run({ ...options, to: null, deadLetter: null }, named);
      assert.deepEqual(await values("named-dead"), upTo(5));
    });

    it("shares partitions between two, and loses and doubles nothing when one comes and goes", async () => {
      const options = { ...(await made("shared", 4)), untilEnd: false };
      const stops = [new AbortController(), new AbortController()] as const;
      const first = run(options, copies, stops[0].signal);
      await held.broker!.send("shared-in", numbered(200));
      const second = run(options, copies, stops[1].signal);
      for (let from = 200; from < 2000; from += 100) await held.broker!.send("shared-in", numbered(100, from));
      stops[0].abort();
      await first;
      await held.broker!.send("shared-in", numbered(100, 2000));
      for (const end = Date.now() + 60_000; (await held.broker!.position("shared", "shared-in")) < 2100; ) {
        assert.ok(Date.now() < end, "it stands still");
      }
      stops[1].abort();
      await second;
      assert.deepEqual(await values("shared-in"), upTo(2100));
      assert.deepEqual(await values("shared-out"), upTo(2100));
    });

    it("reads by KIP-848", { skip: can.consumerProtocol ? false : `${client} has no KIP-848` }, async () => {
      const options = await made("protocol");
      await held.broker!.send("protocol-in", numbered(100));
      await run({ ...options, kafka: { ...options.kafka, groupProtocol: "consumer" } });
      assert.deepEqual(await values("protocol-out"), upTo(100));
    });

    it("is a static member", { skip: can.staticMembership ? false : `${client} has no static members` }, async () => {
      const options = await made("static");
      await held.broker!.send("static-in", numbered(100));
      await run({ ...options, kafka: { ...options.kafka, instanceId: "one" } });
      await held.broker!.send("static-in", numbered(100, 100));
      await run({ ...options, kafka: { ...options.kafka, instanceId: "one" } });
      assert.deepEqual(await values("static-out"), upTo(200));
    });
  });
}

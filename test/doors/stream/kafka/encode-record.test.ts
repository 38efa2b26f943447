// What is sent by the mended kafkajs is what it would send by itself: records byte for byte, to the same partitions.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { it } from "node:test";
import { type RecordFields, recordEncoder } from "../../../../src/doors/stream/kafka/encode-record.ts";
import { murmur2 } from "../../../../src/doors/stream/kafka/key-partition.ts";
import { groupMessages } from "../../../../src/doors/stream/kafka/mend-kafkajs.ts";
import { seeded } from "../../../fuzz/mutate.ts";

const require = createRequire(import.meta.url);
const ownRecord = require("kafkajs/src/protocol/recordBatch/record/v0") as (fields: RecordFields) => { buffer: Buffer };
const ownMurmur = require("kafkajs/src/producer/partitioners/default/murmur2") as (key: Buffer) => number;
const noValue = Buffer.alloc(0);

it("encodes records as kafkajs does", () => {
  const below = seeded(7);
  const bytes = (limit: number): Buffer | string | null => {
    if (below(4) === 0) return null;
    return below(2) === 0 ? "ü".repeat(below(limit)) : Buffer.alloc(below(limit), below(256));
  };
  const encode = recordEncoder(noValue);
  for (let round = 0; round < 3000; round++) {
    const fields: RecordFields = {
      ...(below(3) === 0 ? {} : { offsetDelta: below(20_000) }),
      ...(below(3) === 0 ? {} : { timestampDelta: (below(2) === 0 ? -1 : 1) * below(2 ** (1 + below(45))) }),
      key: bytes(40),
      value: bytes(below(50) === 0 ? 400_000 : 300),
      ...(below(2) === 0
        ? {}
        : { headers: { a: "x", [`h${below(9)}`]: Buffer.from("yy"), list: ["1", Buffer.from("2")] } }),
    };
    assert.ok(ownRecord(fields).buffer.equals(encode(fields).buffer), JSON.stringify(fields).slice(0, 300));
  }
});

it("encodes a header without a value, of which kafkajs asks the length", () => {
  const { buffer } = recordEncoder(noValue)({ value: "v", headers: { trace: noValue } });
  assert.equal(
    buffer.toString("hex"),
    Buffer.from([28, 0, 0, 0, 1, 2, 0x76, 2, 10, ...Buffer.from("trace"), 1]).toString("hex"),
  );
});

it("keeps the records that it has made while it makes more", () => {
  const encode = recordEncoder(noValue);
  const values = Array.from({ length: 3000 }, (_, at) => `${at}`.repeat(50));
  const records = values.map((value) => encode({ value }));
  for (const [at, value] of values.entries()) assert.ok(records[at]!.buffer.equals(ownRecord({ value }).buffer));
});

it("finds the partition of a key as kafkajs and Kafka's own clients do", () => {
  const below = seeded(11);
  for (let round = 0; round < 5000; round++) {
    const key = Buffer.from(Array.from({ length: round % 23 }, () => below(256)));
    assert.equal(murmur2(key), ownMurmur(key), key.toString("hex"));
  }
  // Of Kafka's UtilsTest.
  assert.equal(murmur2(Buffer.from("21")), -973932308);
  assert.equal(murmur2(Buffer.from("foobar")), -790332482);
  assert.equal(murmur2(Buffer.from("a-little-bit-long-string")), -985981536);
});

it("groups messages by partition in their order", () => {
  const messages = [5, 3, 8, 1, 9, 2].map((value) => ({ value }));
  const partitioner = ({ message }: { readonly message: { readonly value: number } }): number => message.value % 3;
  const groups = groupMessages({ topic: "t", partitionMetadata: [{}, {}, {}], messages, partitioner });
  const values = Object.entries(groups).map(([partition, list]) => [partition, list.map(({ value }) => value)]);
  assert.deepEqual(values, [
    ["0", [3, 9]],
    ["1", [1]],
    ["2", [5, 8, 2]],
  ]);
  assert.deepEqual(groupMessages({ topic: "t", partitionMetadata: [], messages, partitioner }), {});
});

it("is what kafkajs calls once a client is opened", () => {
  const at = (path: string): string => JSON.stringify(new URL(`../../../../${path}`, import.meta.url).href);
  // A process of its own: here kafkajs is loaded already. Who calls a module must be loaded after that was replaced.
  const script = `
    import { createRequire } from "node:module";
    const { openKafkajs } = await import(${at("src/doors/stream/kafka/kafkajs-client.ts")});
    await openKafkajs({ access: { brokers: ["127.0.0.1:1"], tls: null, sasl: null, config: {} } });
    const require = createRequire(${at("src/doors/stream/kafka/kafkajs-client.ts")});
    require("kafkajs/src/protocol/requests/produce/v3/request");
    const own = Object.keys(require.cache);
    const place = (path) => own.indexOf(require.resolve(path));
    const { groupMessages } = await import(${at("src/doors/stream/kafka/mend-kafkajs.ts")});
    console.log(JSON.stringify({
      groups: require("kafkajs/src/producer/groupMessagesPerPartition") === groupMessages,
      encodes: require("kafkajs/src/protocol/recordBatch/record/v0")({ value: "v" }).constructor.name,
      inTime: place("kafkajs/src/producer/groupMessagesPerPartition") < place("kafkajs/src/producer/sendMessages")
        && place("kafkajs/src/protocol/recordBatch/record/v0") < place("kafkajs/src/protocol/requests/produce/v3/request"),
    }));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.deepEqual(JSON.parse(said), { groups: true, encodes: "EncodedRecord", inTime: true });
});

// The broker of the bench: topics, the rides to be answered, and how fast a topic was filled, by the broker's own clock.

import kafkajs from "kafkajs";
import type { KafkaServer } from "../../scripts/kafka-server.ts";
import { mendKafkajs } from "../../src/doors/stream/kafka/mend-kafkajs.ts";

const { Kafka, logLevel } = kafkajs;
const partitions = 4;

export interface Filled {
  readonly messages: number;
  /** From the first batch that was appended to the last. */
  readonly perSecond: number;
}

export class BenchBroker implements AsyncDisposable {
  readonly #server: KafkaServer;
  readonly #kafka: InstanceType<typeof Kafka>;

  constructor(server: KafkaServer) {
    this.#server = server;
    mendKafkajs();
    this.#kafka = new Kafka({ brokers: [server.broker], logLevel: logLevel.NOTHING });
  }

  get address(): string {
    return this.#server.broker;
  }

  url(topic: string): string {
    return this.#server.url(topic);
  }

  /** Its records carry the time at which they were appended. */
  async makeTopic(topic: string): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const configEntries = [{ name: "message.timestamp.type", value: "LogAppendTime" }];
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, configEntries }] });
    await admin.disconnect();
  }

  /** The course's messages, seeded. */
  async fill(topic: string, count: number): Promise<void> {
    const producer = this.#kafka.producer({ idempotent: true });
    await producer.connect();
    let state = 42;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % below;
    };
    for (let from = 0; from < count; from += 2000) {
      const messages = Array.from({ length: Math.min(2000, count - from) }, (_, index) => {
        const ride = {
          PULocationID: 1 + random(260),
          DOLocationID: 1 + random(260),
          trip_distance: random(2000) / 100,
        };
        return { key: String(from + index), value: JSON.stringify({ ride, ride_id: from + index }) };
      });
      await producer.send({ topic, messages });
    }
    await producer.disconnect();
  }

  /** Records of all partitions, those of open transactions and the marks of ended ones included. */
  async appended(topic: string): Promise<number> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }

  /** Reads what was committed. */
  async measure(topic: string, count: number): Promise<Filled> {
    const consumer = this.#kafka.consumer({ groupId: `measure-${topic}-${Math.random()}`, readUncommitted: false });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const times = new Map<number, number>();
    let messages = 0;
    const whole = Promise.withResolvers<void>();
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { timestamp } of batch.messages) {
          const at = Number(timestamp);
          times.set(at, (times.get(at) ?? 0) + 1);
        }
        messages += batch.messages.length;
        if (messages >= count) whole.resolve();
      },
    });
    const late = setTimeout(() => whole.resolve(), 60_000);
    await whole.promise;
    clearTimeout(late);
    await consumer.disconnect();
    const ordered = [...times].sort(([a], [b]) => a - b);
    const first = ordered[0] ?? [0, 0];
    const last = ordered.at(-1) ?? [0, 0];
    // What the first batch held was computed before the clock began.
    return { messages, perSecond: ((messages - first[1]) / Math.max(1, last[0] - first[0])) * 1000 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

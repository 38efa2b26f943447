// Topics of the stream bench: made, filled with the course's messages, and watched.

import { setTimeout as sleep } from "node:timers/promises";
import kafkajs, { type Admin, type Kafka as KafkaClient } from "kafkajs";
import { mendKafkajs } from "../../src/doors/stream/kafka/mend-kafkajs.ts";

const { Kafka, logLevel } = kafkajs;
export const partitions = 4;

export class BenchTopics implements AsyncDisposable {
  readonly kafka: KafkaClient;
  readonly #admin: Admin;

  private constructor(kafka: KafkaClient, admin: Admin) {
    this.kafka = kafka;
    this.#admin = admin;
  }

  static async open(broker: string): Promise<BenchTopics> {
    mendKafkajs();
    const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    return new BenchTopics(kafka, admin);
  }

  async make(...names: readonly string[]): Promise<void> {
    const topics = names.map((topic) => ({ topic, numPartitions: partitions }));
    await this.#admin.createTopics({ topics, waitForLeaders: true });
  }

  async remove(...names: readonly string[]): Promise<void> {
    await this.#admin.deleteTopics({ topics: [...names] });
  }

  /** `count` messages, of `keys` keys. */
  async fill(topic: string, count: number, keys = 1000): Promise<void> {
    const producer = this.kafka.producer();
    await producer.connect();
    for (let from = 0; from < count; from += 5000) {
      const length = Math.min(5000, count - from);
      const messages = Array.from({ length }, (_, index) => rideMessage(from + index, keys));
      await producer.send({ topic, messages });
    }
    await producer.disconnect();
    await this.#warm();
  }

  /** The broker makes the group's topic and loads its coordinator when it is asked first. */
  async #warm(): Promise<void> {
    for (const end = performance.now() + 30_000; performance.now() < end; await sleep(100)) {
      try {
        await this.#admin.fetchOffsets({ groupId: "warm" });
        return;
      } catch {
        // Not yet.
      }
    }
  }

  /** Records that the group is done with. */
  async done(group: string, topic: string): Promise<number> {
    const [found] = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] }).catch(() => []);
    return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.disconnect();
  }
}

export function rideMessage(id: number, keys: number): { readonly key: string; readonly value: string } {
  const ride = { PULocationID: 1 + (id % 260), DOLocationID: 1 + ((id * 7) % 260), trip_distance: (id % 90) / 10 };
  return { key: `key-${id % keys}`, value: JSON.stringify({ ride, ride_id: id }) };
}

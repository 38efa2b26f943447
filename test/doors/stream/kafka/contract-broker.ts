// What the contract suite does at the broker beside the engine: topics, records in, committed records out, the engine's options.

import kafkajs, { type Admin, type IHeaders, type Kafka as KafkaClass, type Message } from "kafkajs";
import { type KafkaServer, startKafka } from "../../../../scripts/kafka-server.ts";
import type { KafkaEngineOptions } from "../../../../src/doors/stream/kafka/kafka-engine.ts";
import { mendKafkajs } from "../../../../src/doors/stream/kafka/mend-kafkajs.ts";

const { Kafka, logLevel, Partitioners } = kafkajs;

export interface Written {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: IHeaders;
}

export class ContractBroker implements AsyncDisposable {
  readonly server: KafkaServer;
  readonly #kafka: KafkaClass;
  readonly #admin: Admin;

  private constructor(server: KafkaServer, kafka: KafkaClass, admin: Admin) {
    this.server = server;
    this.#kafka = kafka;
    this.#admin = admin;
  }

  static async open(): Promise<ContractBroker> {
    const server = await startKafka();
    const retry = { retries: 30, initialRetryTime: 50, maxRetryTime: 1000 };
    mendKafkajs();
    const kafka = new Kafka({ brokers: [server.broker], logLevel: logLevel.NOTHING, retry });
    const admin = kafka.admin();
    await admin.connect();
    return new ContractBroker(server, kafka, admin);
  }

  async topics(partitions: number, ...names: readonly string[]): Promise<void> {
    const topics = names.map((topic) => ({ topic, numPartitions: partitions }));
    await this.#admin.createTopics({ topics, waitForLeaders: true });
  }

  /** A topic that takes batches of at most so many bytes. */
  async tightTopic(topic: string, bytes: number): Promise<void> {
    const configEntries = [{ name: "max.message.bytes", value: String(bytes) }];
    await this.#admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
  }

  async send(topic: string, messages: Message[]): Promise<void> {
    const producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      // What is sent again is not written twice.
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  }

  /** Written, and given up. */
  async sendAborted(topic: string, messages: Message[]): Promise<void> {
    const producer = this.#kafka.producer({
      transactionalId: `aborts-${topic}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages });
    await transaction.abort();
    await producer.disconnect();
  }

  /** Takes a transactional ID away from whoever has it. */
  async take(transactionalId: string): Promise<void> {
    const producer = this.#kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    await (await producer.transaction()).abort();
    await producer.disconnect();
  }

  async position(group: string, topic: string): Promise<number> {
    const [found] = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] });
    return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  /** What a reader of committed records sees up to a marker that is written now, in the order of each partition. */
  async committed(topic: string): Promise<readonly Written[]> {
    const mark = `mark ${Math.random()}`;
    const marks = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = marks.topics[0]!.partitions.map(({ partitionId }) => partitionId);
    await this.send(
      topic,
      partitions.map((partition) => ({ partition, key: null, value: mark })),
    );
    const consumer = this.#kafka.consumer({ groupId: `reads-${topic}-${Math.random()}`, maxWaitTimeInMs: 50 });
    const written: Written[] = [];
    const open = new Set(partitions);
    // A consumer that commits nothing begins anew when its group does.
    const seen = new Set<string>();
    const all = Promise.withResolvers<void>();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message: { key, value, offset, headers = {} } }) => {
        if (seen.has(`${partition}/${offset}`)) return;
        seen.add(`${partition}/${offset}`);
        if (String(value) === mark) open.delete(partition);
        else if (value !== null && String(value).startsWith("mark ")) return;
        else written.push({ partition, key: key && String(key), value: value && String(value), headers });
        if (open.size === 0) all.resolve();
      },
    });
    await all.promise;
    await consumer.disconnect();
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.disconnect();
    await this.server[Symbol.asyncDispose]();
  }

  /** `name-in` → `name-out`, dead letters to `name-dead`, as group `name`. */
  options(name: string, client: "confluent" | "kafkajs"): KafkaEngineOptions {
    const nothing = (): void => {};
    return {
      from: this.server.url(`${name}-in`),
      to: this.server.url(`${name}-out`),
      deadLetter: this.server.url(`${name}-dead`),
      group: name,
      delivery: "exactly-once",
      batchSize: 1000,
      untilEnd: true,
      kafka: {
        client,
        configFile: null,
        commitIntervalMs: 5,
        sessionTimeoutMs: 6000,
        instanceId: null,
        groupProtocol: "classic",
        env: {},
      },
      events: { rebalanced: nothing, lag: nothing, committed: nothing, aborted: nothing, note: nothing },
    };
  }
}

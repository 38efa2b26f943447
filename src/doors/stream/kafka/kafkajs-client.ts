// Kafka by kafkajs: no native code. It knows neither the group's generation in transactions (KIP-447) nor KIP-848, so each input
// partition has a transactional ID of its own, which fences off whoever had the partition before.

import type { Admin, Consumer, EachBatchPayload, ICustomPartitioner, Kafka, KafkaConfig, Producer } from "kafkajs";
import { trimaranError } from "../../../base/errors.ts";
import type { TopicPartition } from "../port.ts";
import type {
  ConsumeOptions,
  KafkaCapabilities,
  KafkaClient,
  KafkaConsumer,
  KafkaMessage,
  KafkaProducer,
  NextOffset,
  OpenKafkaClient,
} from "./kafka-client.ts";
import { type KafkaFault, kafkaError, unknownPosition } from "./kafka-errors.ts";
import { openSocket } from "./kafkajs-socket.ts";
import { keyPartitioner } from "./key-partition.ts";
import { mendKafkajs, noHeaderValue } from "./mend-kafkajs.ts";
import { untilLoaded } from "./until-loaded.ts";
import { bufferOf, headersOf, recordOf } from "./wire-records.ts";

export const kafkajsCapabilities: KafkaCapabilities = {
  groupFencing: false,
  consumerProtocol: false,
  staticMembership: false,
  nullHeaders: true,
  cooperative: false,
};

/** A transaction is refused until the markers of the one before it are written, some milliseconds: it is asked again soon. */
const producerRetry = { initialRetryTime: 1, multiplier: 1.4, maxRetryTime: 250, retries: 18 } as const;
/** The library tries again on several levels, one within the other: the waits multiply. We try again ourselves. */
const clientRetry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 } as const;
const transactionTimeoutMs = 60_000;
const fetchBytes = 1 << 20;
const heartbeatMs = 1000;
const concurrentPartitions = 16;
/** It makes one batch of records of what a request has for a partition, which the topic's max.message.bytes limits. */
const requestBytes = [1 << 19, 1 << 16, 1 << 13, 1] as const;

/** @throws KAFKA_CLIENT_MISSING */
export async function openKafkajs({ access }: OpenKafkaClient): Promise<KafkaClient> {
  const library = await loadMended().catch((cause: unknown) => {
    throw trimaranError("KAFKA_CLIENT_MISSING", { which: " by the name of kafkajs" }, { cause });
  });
  // A CommonJS module: which of its names are seen from here depends on Node.
  const { Kafka: KafkaClass, logLevel, Partitioners } = library.default ?? library;
  const { brokers, tls, sasl, config } = access;
  const options: KafkaConfig = {
    clientId: "trimaran",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    requestTimeout: 30_000,
    retry: clientRetry,
    ...(tls === null ? {} : { ssl: tls.ca || tls.cert ? { ...tls } : true }),
    ...(sasl === null ? {} : { sasl: { ...sasl } as KafkaConfig["sasl"] & object }),
    socketFactory: openSocket,
    ...config,
  };
  const kafka = new KafkaClass(options);
  return new KafkajsClient(kafka, brokers, keyPartitioner(Partitioners.DefaultPartitioner));
}

/** It takes what is mended only when it is loaded after that. */
async function loadMended() {
  mendKafkajs();
  return await import("kafkajs");
}

class KafkajsClient implements KafkaClient {
  readonly name = "kafkajs";
  readonly capabilities = kafkajsCapabilities;
  readonly #kafka: Kafka;
  readonly #brokers: readonly string[];
  readonly #partitioner: ICustomPartitioner;
  readonly #size: RequestSize = { bytes: requestBytes[0] };
  #admin: Promise<Admin> | null = null;
  /** While the group is read. */
  #consumer: Consumer | null = null;

  constructor(kafka: Kafka, brokers: readonly string[], partitioner: ICustomPartitioner) {
    this.#kafka = kafka;
    this.#brokers = brokers;
    this.#partitioner = partitioner;
  }

  async topics(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const topic of names) {
      const metadata = await this.#guarded({ at: "the topics", topic }, async () =>
        (await this.#adminOf()).fetchTopicMetadata({ topics: [topic] }),
      );
      const partitions = metadata.topics[0]?.partitions.length ?? 0;
      if (partitions === 0) throw trimaranError("KAFKA_TOPIC_MISSING", { topic });
      found.set(topic, partitions);
    }
    return found;
  }

  async committed(group: string, { topic, partition }: TopicPartition): Promise<bigint | null> {
    const ask = async (): Promise<Awaited<ReturnType<Admin["fetchOffsets"]>>> =>
      (await this.#adminOf()).fetchOffsets({ groupId: group, topics: [topic] });
    const [found] = await this.#guarded({ at: `${topic}/${partition}`, topic }, () => untilLoaded(ask));
    // Without the partition's metadata, as after a restart, it asks for none: that is no answer.
    const offset = found?.partitions.find((each) => each.partition === partition)?.offset;
    if (offset === undefined) throw unknownPosition(this.#brokers, { topic, partition });
    return offset === "-1" ? null : BigInt(offset);
  }

  async ends(topic: string): Promise<ReadonlyMap<number, bigint>> {
    const offsets = await this.#guarded({ at: topic, topic }, async () =>
      (await this.#adminOf()).fetchTopicOffsets(topic),
    );
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  async openProducer(transactionalId: string | null): Promise<KafkaProducer> {
    const producer = this.#kafka.producer({
      ...(transactionalId === null ? {} : { transactionalId, idempotent: true, maxInFlightRequests: 1 }),
      transactionTimeout: transactionTimeoutMs,
      allowAutoTopicCreation: false,
      createPartitioner: this.#partitioner,
      retry: producerRetry,
    } as Parameters<Kafka["producer"]>[0]);
    return this.#guarded({ at: transactionalId ?? "a producer" }, async () => {
      try {
        await producer.connect();
        if (transactionalId === null) return new PlainProducer(producer, () => this.#consumer, this.#sending);
        // The first transaction takes the ID; nothing is in it.
        await (await producer.transaction()).abort();
        return new TransactionalProducer(producer, this.#sending);
      } catch (error) {
        await producer.disconnect().catch(() => {});
        throw error;
      }
    });
  }

  sendLess(): boolean {
    const next = requestBytes.find((bytes) => bytes < this.#size.bytes);
    if (next === undefined) return false;
    this.#size.bytes = next;
    return true;
  }

  async consume(options: ConsumeOptions, driver: KafkaConsumer, signal: AbortSignal): Promise<void> {
    const { group, topics, settings } = options;
    const consumer = this.#kafka.consumer({
      groupId: group,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: Math.max(60_000, settings.sessionTimeoutMs),
      heartbeatInterval: Math.min(heartbeatMs, settings.sessionTimeoutMs / 3),
      readUncommitted: false,
      maxBytesPerPartition: fetchBytes,
      minBytes: settings.commitIntervalMs > 1 ? fetchBytes / 8 : 1,
      maxWaitTimeInMs: settings.commitIntervalMs,
      allowAutoTopicCreation: false,
      // A broker that is away comes back; whatever else ends it is thrown.
      retry: { ...clientRetry, restartOnFailure: async () => !signal.aborted },
    });
    const ended = Promise.withResolvers<void>();
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
      ended.resolve();
    };
    const stop = (): void => ended.resolve();
    if (signal.aborted) return;
    signal.addEventListener("abort", stop, { once: true });
    try {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
          partitions.map((partition) => ({ topic, partition })),
        );
        driver.onAssigned(assigned);
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) fail(kafkaError(payload.error, { brokers: this.#brokers, at: `the group ${group}` }));
      });
      this.#consumer = consumer;
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrentPartitions,
        eachBatch: (payload) => this.#eachBatch(consumer, payload, { driver, fail }),
      });
      await ended.promise;
      if (failure !== undefined) throw failure;
    } catch (error) {
      // What a handler throws is no fault of Kafka's.
      if (error === failure) throw error;
      throw kafkaError(error, { brokers: this.#brokers, at: `the group ${group}` });
    } finally {
      signal.removeEventListener("abort", stop);
      // What is under way is finished first; it needs the consumer.
      await consumer.stop().catch(() => {});
      await driver.onStopped();
      this.#consumer = null;
      await consumer.disconnect().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#admin?.catch(() => null))?.disconnect().catch(() => {});
  }

  async #eachBatch(
    consumer: Consumer,
    { batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload,
    { driver, fail }: { readonly driver: KafkaConsumer; readonly fail: (error: unknown) => void },
  ): Promise<void> {
    const { topic, partition, messages } = batch;
    const last = messages.at(-1);
    if (last === undefined || !isRunning() || isStale()) return;
    // Nothing else beats while the batch is on its way.
    const beat = setInterval(() => void heartbeat().catch(() => {}), heartbeatMs);
    try {
      const records = messages.map((message) => recordOf(topic, partition, message));
      const next = await driver.onBatch({ topic, partition, records, highWatermark: BigInt(batch.highWatermark) });
      if (next === null) return;
      if (next > BigInt(last.offset)) resolveOffset(last.offset);
      else consumer.seek({ topic, partition, offset: String(next) });
    } catch (error) {
      fail(error);
      // Nothing more of it until the consumer has stopped.
      consumer.pause([{ topic, partitions: [partition] }]);
    } finally {
      clearInterval(beat);
    }
  }

  get #sending(): Sending {
    return { brokers: this.#brokers, size: this.#size };
  }

  #adminOf(): Promise<Admin> {
    this.#admin ??= (async () => {
      const admin = this.#kafka.admin();
      await admin.connect();
      return admin;
    })();
    this.#admin.catch(() => {
      this.#admin = null;
    });
    return this.#admin;
  }

  async #guarded<Value>(fault: Omit<KafkaFault, "brokers">, ask: () => Promise<Value>): Promise<Value> {
    try {
      return await ask();
    } catch (error) {
      throw kafkaError(error, { ...fault, brokers: this.#brokers });
    }
  }
}

interface RequestSize {
  bytes: number;
}

interface Sending {
  readonly brokers: readonly string[];
  readonly size: RequestSize;
}

class TransactionalProducer implements KafkaProducer {
  readonly #producer: Producer;
  readonly #sending: Sending;

  constructor(producer: Producer, sending: Sending) {
    this.#producer = producer;
    this.#sending = sending;
  }

  async commit(messages: readonly KafkaMessage[], { group, topic, partition, offset }: NextOffset): Promise<void> {
    try {
      const transaction = await this.#producer.transaction();
      try {
        for (const some of parts(messages, this.#sending.size.bytes)) {
          await transaction.sendBatch({ topicMessages: topicMessages(some), acks: -1 });
        }
        const partitions = [{ partition, offset: String(offset) }];
        await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions }] });
        await transaction.commit();
      } catch (error) {
        if (transaction.isActive()) await transaction.abort().catch(() => {});
        throw error;
      }
    } catch (error) {
      throw kafkaError(error, { ...this.#sending, at: `${topic}/${partition}`, topic: messages[0]?.topic });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.disconnect().catch(() => {});
  }
}

/** Messages first; the latest offset follows while the next ones are on their way. After a failure between they come again. */
class PlainProducer implements KafkaProducer {
  readonly #producer: Producer;
  readonly #consumerOf: () => Consumer | null;
  readonly #sending: Sending;
  #next: NextOffset | null = null;
  #moving: Promise<void> | null = null;
  #failure: unknown;

  constructor(producer: Producer, consumerOf: () => Consumer | null, sending: Sending) {
    this.#producer = producer;
    this.#consumerOf = consumerOf;
    this.#sending = sending;
  }

  async commit(messages: readonly KafkaMessage[], next: NextOffset): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      for (const some of parts(messages, this.#sending.size.bytes)) {
        await this.#producer.sendBatch({ topicMessages: topicMessages(some), acks: -1 });
      }
      this.#next = next;
      this.#moving ??= this.#move();
    } catch (error) {
      const { topic, partition } = next;
      throw kafkaError(error, { ...this.#sending, at: `${topic}/${partition}`, topic: messages[0]?.topic });
    }
  }

  async #move(): Promise<void> {
    try {
      while (this.#next !== null) {
        const { topic, partition, offset } = this.#next;
        this.#next = null;
        await this.#consumerOf()?.commitOffsets([{ topic, partition, offset: String(offset) }]);
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#moving = null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#moving;
    await this.#producer.disconnect().catch(() => {});
  }
}

/** In order, each with at least one message. */
function* parts(messages: readonly KafkaMessage[], maxBytes: number): Generator<readonly KafkaMessage[]> {
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < messages.length; at++) {
    const size = sizeOf(messages[at]!);
    if (at > from && bytes + size > maxBytes) {
      yield messages.slice(from, at);
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < messages.length) yield messages.slice(from);
}

/** Its bytes in a record, roughly. */
function sizeOf({ key, value, headers }: KafkaMessage): number {
  let bytes = 32 + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, each] of headers) bytes += name.length + (each?.length ?? 0) + 8;
  return bytes;
}

type JsTopicMessages = Parameters<Producer["sendBatch"]>[0]["topicMessages"] & object;

function topicMessages(messages: readonly KafkaMessage[]): JsTopicMessages {
  const byTopic = new Map<string, JsTopicMessages[number]["messages"]>();
  for (const { topic, partition, key, value, headers, timestamp } of messages) {
    const list = byTopic.get(topic) ?? [];
    list.push({
      key: key === null ? null : bufferOf(key),
      value: value === null ? null : bufferOf(value),
      ...(partition === null ? {} : { partition }),
      ...(headers.length === 0 ? {} : { headers: headersOf(headers, noHeaderValue) }),
      ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
    });
    byTopic.set(topic, list);
  }
  return [...byTopic].map(([topic, list]) => ({ topic, messages: list }));
}

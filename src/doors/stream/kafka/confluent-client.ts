// Kafka by @confluentinc/kafka-javascript (librdkafka): offsets in a transaction carry the group's generation (KIP-447), so that the
// broker itself refuses a consumer that is out of the group; cooperative and static groups, and KIP-848.
import { trimaranError } from "../../../base/errors.ts";
import type { TopicPartition } from "../port.ts";
import type {
  ConfluentAdmin,
  ConfluentConsumer,
  ConfluentKafka,
  ConfluentModule,
  ConfluentProducer,
  EachBatch,
  TopicMessages,
} from "./confluent-library.ts";
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
import { untilLoaded } from "./until-loaded.ts";
import { bufferOf, headersOf, recordOf } from "./wire-records.ts";

export const confluentCapabilities: KafkaCapabilities = {
  groupFencing: true,
  consumerProtocol: true,
  staticMembership: true,
  nullHeaders: false,
  cooperative: true,
};

const transactionTimeoutMs = 60_000;
const fetchBytes = 1 << 20;
const concurrentPartitions = 16;
const metadataMs = 10_000;
/** Of librdkafka's batches, which the topic's max.message.bytes limits. */
const batchBytes = [900_000, 1 << 16, 1 << 13, 1] as const;
/** Codes of `rebalance_cb`. */
const assigns = -175;
const revokes = -174;

export function openConfluent({ KafkaJS }: ConfluentModule, { access }: OpenKafkaClient): KafkaClient {
  const { brokers, tls, sasl, config } = access;
  const kafka = new KafkaJS.Kafka({
    kafkaJS: {
      clientId: "trimaran",
      brokers: [...brokers],
      logLevel: KafkaJS.logLevel.NOTHING,
      connectionTimeout: 5000,
      ...(tls === null ? {} : { ssl: true }),
      ...(sasl === null ? {} : { sasl }),
    },
    ...(tls?.ca === undefined ? {} : { "ssl.ca.pem": tls.ca }),
    ...(tls?.cert === undefined ? {} : { "ssl.certificate.pem": tls.cert, "ssl.key.pem": tls.key }),
    ...config,
  });
  return new ConfluentClient(kafka, brokers, KafkaJS.PartitionAssigners.cooperativeSticky);
}

class ConfluentClient implements KafkaClient {
  readonly name = "confluent";
  readonly capabilities: KafkaCapabilities = confluentCapabilities;
  readonly #kafka: ConfluentKafka;
  readonly #brokers: readonly string[];
  readonly #assigner: string;
  #batchBytes: number = batchBytes[0];
  #admin: Promise<ConfluentAdmin> | null = null;
  #consumer: ConfluentConsumer | null = null;

  constructor(kafka: ConfluentKafka, brokers: readonly string[], assigner: string) {
    this.#kafka = kafka;
    this.#brokers = brokers;
    this.#assigner = assigner;
  }

  async topics(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const topic of names) {
      const topics = await this.#guarded({ at: "the topics", topic }, async () =>
        (await this.#adminOf()).fetchTopicMetadata({ topics: [topic], timeout: metadataMs }),
      );
      const partitions = topics[0]?.partitions.length ?? 0;
      if (partitions === 0) throw trimaranError("KAFKA_TOPIC_MISSING", { topic });
      found.set(topic, partitions);
    }
    return found;
  }

  async committed(group: string, { topic, partition }: TopicPartition): Promise<bigint | null> {
    const topics = [{ topic, partitions: [partition] }];
    const ask = async (): Promise<Awaited<ReturnType<ConfluentAdmin["fetchOffsets"]>>> =>
      (await this.#adminOf()).fetchOffsets({ groupId: group, topics, requireStableOffsets: true });
    const [found] = await this.#guarded({ at: `${topic}/${partition}`, topic }, () => untilLoaded(ask));
    const at = found?.partitions.find((each) => each.partition === partition);
    if (at === undefined || at.error) throw unknownPosition(this.#brokers, { topic, partition });
    const offset = BigInt(at.offset);
    return offset < 0n ? null : offset;
  }

  async ends(topic: string): Promise<ReadonlyMap<number, bigint>> {
    const offsets = await this.#guarded({ at: topic, topic }, async () =>
      (await this.#adminOf()).fetchTopicOffsets(topic),
    );
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  async openProducer(transactionalId: string | null): Promise<KafkaProducer> {
    const producer = this.#kafka.producer({
      kafkaJS: {
        allowAutoTopicCreation: false,
        acks: -1,
        ...(transactionalId === null
          ? {}
          : { transactionalId, idempotent: true, transactionTimeout: transactionTimeoutMs }),
      },
      "linger.ms": 1,
      "batch.size": this.#batchBytes,
      partitioner: "murmur2_random",
    });
    return this.#guarded({ at: transactionalId ?? "a producer" }, async () => {
      try {
        // With an ID this takes it, too.
        await producer.connect();
        return new ConfluentSink(producer, { consumer: () => this.#consumer, brokers: this.#brokers, transactionalId });
      } catch (error) {
        await producer.disconnect().catch(() => {});
        throw error;
      }
    });
  }

  sendLess(): boolean {
    const next = batchBytes.find((bytes) => bytes < this.#batchBytes);
    if (next === undefined) return false;
    this.#batchBytes = next;
    return true;
  }

  async consume(options: ConsumeOptions, driver: KafkaConsumer, signal: AbortSignal): Promise<void> {
    const { group, topics, settings } = options;
    const ended = Promise.withResolvers<void>();
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
      ended.resolve();
    };
    const stop = (): void => ended.resolve();
    if (signal.aborted) return;
    signal.addEventListener("abort", stop, { once: true });
    let assigned: readonly TopicPartition[] = [];
    const isClassic = settings.groupProtocol === "classic";
    const consumer = this.#kafka.consumer({
      kafkaJS: {
        groupId: group,
        autoCommit: false,
        fromBeginning: true,
        readUncommitted: false,
        allowAutoTopicCreation: false,
        // With KIP-848 both are the broker's.
        ...(isClassic ? { sessionTimeout: settings.sessionTimeoutMs, partitionAssigners: [this.#assigner] } : {}),
      },
      ...(isClassic ? {} : { "group.protocol": "consumer" }),
      ...(settings.instanceId === null ? {} : { "group.instance.id": settings.instanceId }),
      "fetch.wait.max.ms": settings.commitIntervalMs,
      "fetch.min.bytes": settings.commitIntervalMs > 1 ? fetchBytes / 8 : 1,
      "max.partition.fetch.bytes": fetchBytes,
      // Unbounded, the library takes all that librdkafka has fetched at a time, and RSS goes to 2 GB.
      "js.consumer.max.batch.size": 4096,
      "js.consumer.max.cache.size.per.worker.ms": 20,
      "queued.min.messages": 20_000,
      "queued.max.messages.kbytes": 16_384,
      rebalance_cb: ({ code }: { readonly code: number }, partitions: readonly TopicPartition[]) => {
        const isSame = (one: TopicPartition, other: TopicPartition): boolean =>
          one.topic === other.topic && one.partition === other.partition;
        if (code === assigns) assigned = [...assigned, ...partitions];
        if (code === revokes) assigned = assigned.filter((each) => !partitions.some((gone) => isSame(each, gone)));
        driver.onAssigned(assigned);
      },
    });
    this.#consumer = consumer;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics });
      await consumer.run({
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrentPartitions,
        eachBatch: (payload) => eachBatch(consumer, payload, { driver, fail }),
      });
      await ended.promise;
      if (failure !== undefined) throw failure;
    } catch (error) {
      // What a handler throws is no fault of Kafka's.
      if (error === failure) throw error;
      throw kafkaError(error, { brokers: this.#brokers, at: `the group ${group}` });
    } finally {
      signal.removeEventListener("abort", stop);
      await consumer.disconnect().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#admin?.catch(() => null))?.disconnect().catch(() => {});
  }

  #adminOf(): Promise<ConfluentAdmin> {
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

interface Driven {
  readonly driver: KafkaConsumer;
  readonly fail: (error: unknown) => void;
}

async function eachBatch(
  consumer: ConfluentConsumer,
  { batch, resolveOffset, isRunning, isStale }: EachBatch,
  { driver, fail }: Driven,
): Promise<void> {
  const { topic, partition, messages } = batch;
  const last = messages.at(-1);
  if (last === undefined || !isRunning() || isStale()) return;
  try {
    const records = messages.map((message) => recordOf(topic, partition, message));
    const next = await driver.onBatch({ topic, partition, records, highWatermark: null });
    if (next === null) return;
    if (next > BigInt(last.offset)) resolveOffset(last.offset);
    else consumer.seek({ topic, partition, offset: String(next) });
  } catch (error) {
    fail(error);
    // Nothing more of it until the consumer has stopped.
    consumer.pause([{ topic, partitions: [partition] }]);
  }
}

interface SinkContext {
  readonly consumer: () => ConfluentConsumer | null;
  readonly brokers: readonly string[];
  readonly transactionalId: string | null;
}

class ConfluentSink implements KafkaProducer {
  readonly #producer: ConfluentProducer;
  readonly #context: SinkContext;

  constructor(producer: ConfluentProducer, context: SinkContext) {
    this.#producer = producer;
    this.#context = context;
  }

  async commit(messages: readonly KafkaMessage[], next: NextOffset): Promise<void> {
    const { topic, partition } = next;
    try {
      if (this.#context.transactionalId === null) await this.#commitPlain(messages, next);
      else await this.#commitWhole(messages, next);
    } catch (error) {
      const { brokers } = this.#context;
      throw kafkaError(error, { brokers, at: `${topic}/${partition}`, topic: messages[0]?.topic });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.disconnect().catch(() => {});
  }

  async #commitWhole(messages: readonly KafkaMessage[], { topic, partition, offset }: NextOffset): Promise<void> {
    const consumer = this.#context.consumer();
    if (consumer === null) throw new TypeError("a transaction outside of a consumer");
    const transaction = await this.#producer.transaction();
    try {
      if (messages.length > 0) await transaction.sendBatch({ topicMessages: topicMessages(messages) });
      const partitions = [{ partition, offset: String(offset) }];
      await transaction.sendOffsets({ consumer, topics: [{ topic, partitions }] });
      await transaction.commit();
    } catch (error) {
      await transaction.abort().catch(() => {});
      throw error;
    }
  }

  async #commitPlain(messages: readonly KafkaMessage[], { topic, partition, offset }: NextOffset): Promise<void> {
    if (messages.length > 0) await this.#producer.sendBatch({ topicMessages: topicMessages(messages) });
    await this.#context.consumer()?.commitOffsets([{ topic, partition, offset: String(offset) }]);
  }
}

/** The library has no other. */
const noValue = Buffer.alloc(0);

function topicMessages(messages: readonly KafkaMessage[]): readonly TopicMessages[] {
  const byTopic = new Map<string, TopicMessages["messages"][number][]>();
  for (const { topic, partition, key, value, headers, timestamp } of messages) {
    const list = byTopic.get(topic) ?? [];
    list.push({
      key: key === null ? null : bufferOf(key),
      value: value === null ? null : bufferOf(value),
      ...(partition === null ? {} : { partition }),
      ...(headers.length === 0 ? {} : { headers: headersOf(headers, noValue) }),
      ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
    });
    byTopic.set(topic, list);
  }
  return [...byTopic].map(([topic, list]) => ({ topic, messages: list }));
}

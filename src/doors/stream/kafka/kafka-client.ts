// The small port between the exactly-once loop and a client library of Kafka: what either of them can do, and nothing else.
import type { StreamRecord, TopicPartition } from "../port.ts";
import type { KafkaAccess } from "./kafka-access.ts";
import type { KafkaSettings } from "./kafka-settings.ts";

export type KafkaClientName = "confluent" | "kafkajs";

/** What a library lacks is refused where it is asked for, and skipped by its contract tests. */
export interface KafkaCapabilities {
  /** KIP-447: offsets in a transaction carry the group's generation. Without it each input partition has a transactional ID. */
  readonly groupFencing: boolean;
  /** KIP-848, `--group-protocol consumer`. */
  readonly consumerProtocol: boolean;
  /** `--instance-id`. */
  readonly staticMembership: boolean;
  readonly cooperative: boolean;
  /** A header without a value is told from one whose value is empty. */
  readonly nullHeaders: boolean;
}

export interface KafkaMessage {
  readonly topic: string;
  /** null: by the key, as every client of Kafka does. */
  readonly partition: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: StreamRecord["headers"];
  readonly timestamp: number | undefined;
}

/** Where the group goes on when the messages stand. */
export interface NextOffset extends TopicPartition {
  readonly group: string;
  readonly offset: bigint;
}

export interface KafkaProducer extends AsyncDisposable {
  /** All of the messages and the offset, or nothing of them. @throws KAFKA_FENCED and what `kafkaError` makes; then it is spent */
  commit(messages: readonly KafkaMessage[], next: NextOffset): Promise<void>;
}

export interface FetchedBatch extends TopicPartition {
  /** In order; control records and those of aborted transactions are not among them. */
  readonly records: readonly StreamRecord[];
  /** Behind the last record of the partition; null where the library does not say. */
  readonly highWatermark: bigint | null;
}

export interface KafkaConsumer {
  /**
   * Called for several partitions side by side, and around a rebalance even for one. Resolved with the offset to go on at: behind the
   * batch, or before its end, where something has to come again; null: the partition is another consumer's now, nothing is to be moved.
   */
  onBatch(batch: FetchedBatch): Promise<bigint | null>;
  /** Before the first batch of a new generation of the group. */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /** When no batch comes any more, and before the group is left: positions that are on their way still count. */
  onStopped(): Promise<void>;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly settings: KafkaSettings;
}

export interface KafkaClient extends AsyncDisposable {
  readonly name: KafkaClientName;
  readonly capabilities: KafkaCapabilities;
  /** Topic → number of partitions. @throws KAFKA_TOPIC_MISSING, KAFKA_UNREACHABLE, KAFKA_TLS, KAFKA_DENIED */
  topics(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What the group has committed; null where it has not. */
  committed(group: string, at: TopicPartition): Promise<bigint | null>;
  /** Behind the last record of each partition. */
  ends(topic: string): Promise<ReadonlyMap<number, bigint>>;
  /**
   * With a transactional ID a transaction a commit; whoever had that ID is fenced off, and what it left open is ended, when this
   * resolves. null: messages first, then the offset.
   */
  openProducer(transactionalId: string | null): Promise<KafkaProducer>;
  /** From now on less goes into one request. @returns false when it is single messages already */
  sendLess(): boolean;
  /** Until the signal aborts; then the group is left. @throws what `onBatch` throws, and what ends a consumer */
  consume(options: ConsumeOptions, consumer: KafkaConsumer, signal: AbortSignal): Promise<void>;
}

export interface OpenKafkaClient {
  readonly access: KafkaAccess;
  readonly note: (text: string) => void;
}

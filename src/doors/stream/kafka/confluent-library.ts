// What we use of @confluentinc/kafka-javascript, in its KafkaJS-like form. It has native code, so it is an optional peer, and its own
// types are not at hand where it is not installed.

export interface ConfluentModule {
  readonly KafkaJS: {
    readonly Kafka: new (config: Readonly<Record<string, unknown>>) => ConfluentKafka;
    readonly logLevel: { readonly NOTHING: number };
    readonly PartitionAssigners: { readonly cooperativeSticky: string };
  };
}

export interface ConfluentKafka {
  admin(): ConfluentAdmin;
  producer(config: Readonly<Record<string, unknown>>): ConfluentProducer;
  consumer(config: Readonly<Record<string, unknown>>): ConfluentConsumer;
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
  readonly error?: unknown;
}

export interface ConfluentAdmin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  fetchTopicMetadata(options: {
    readonly topics: readonly string[];
    readonly timeout?: number;
  }): Promise<readonly { readonly name: string; readonly partitions: readonly unknown[] }[]>;
  fetchOffsets(options: {
    readonly groupId: string;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
    readonly requireStableOffsets: boolean;
  }): Promise<readonly { readonly topic: string; readonly partitions: readonly PartitionOffset[] }[]>;
  fetchTopicOffsets(topic: string): Promise<readonly { readonly partition: number; readonly high: string }[]>;
}

export interface ConfluentMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, Buffer | Buffer[]>>;
  readonly timestamp?: string;
}

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly ConfluentMessage[];
}

export interface ConfluentSender {
  sendBatch(batch: { readonly topicMessages: readonly TopicMessages[] }): Promise<unknown>;
}

export interface ConfluentTransaction extends ConfluentSender {
  sendOffsets(offsets: {
    readonly consumer: ConfluentConsumer;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly PartitionOffset[] }[];
  }): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface ConfluentProducer extends ConfluentSender {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  transaction(): Promise<ConfluentTransaction>;
}

export interface ReceivedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offset: string;
  readonly timestamp: string;
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

export interface EachBatch {
  readonly batch: { readonly topic: string; readonly partition: number; readonly messages: readonly ReceivedMessage[] };
  resolveOffset(offset: string): void;
  isRunning(): boolean;
  isStale(): boolean;
}

export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface ConfluentConsumer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  subscribe(topics: { readonly topics: readonly string[] }): Promise<void>;
  run(config: {
    readonly eachBatchAutoResolve: boolean;
    readonly partitionsConsumedConcurrently: number;
    readonly eachBatch: (payload: EachBatch) => Promise<void>;
  }): Promise<void>;
  seek(at: AssignedPartition & { readonly offset: string }): void;
  pause(partitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[]): void;
  commitOffsets(offsets: readonly (AssignedPartition & { readonly offset: string })[]): Promise<void>;
}

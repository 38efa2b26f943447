// What is mended in kafkajs, which nobody maintains.
//
// It shows records of aborted transactions where two of them are open at once: it begins at most one a record, in the order in
// which they ended. Here what a fetch brings is marked before it looks: records that are marked as control records it passes over.
//
// It sets timers in the past, of which Node 24 warns on stderr. Node waits 1 ms for such a timer; here it is asked to.
//
// It copies what it has found for a partition with each message that it adds, and makes a buffer for each record and each number in
// it. Here there is one array, and one buffer for many records; a program that has loaded kafkajs before it was mended keeps its own.
//
// It reads headers without a value, and fails to write them, as it asks for their length: here one buffer stands for them.
import { createRequire } from "node:module";
import { recordEncoder } from "./encode-record.ts";

interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
  isControlRecord: boolean;
}

interface FetchedPartition {
  readonly messages: readonly FetchedMessage[];
  abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
}

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

interface ResponseModule {
  decode(raw: unknown): Promise<FetchResponse>;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

interface Grouped<Message> {
  readonly topic: string;
  readonly partitionMetadata: readonly unknown[];
  readonly messages: readonly Message[];
  readonly partitioner: (
    choice: Pick<Grouped<Message>, "topic" | "partitionMetadata"> & { message: Message },
  ) => number;
}

interface Encoder {
  writeVarInt(value: number): this;
  writeVarIntBytes(value: unknown): this;
}

const pendingMs = 10;
/** As the value of a header: none. It is as long as what is written for it, and nothing else is it. */
export const noHeaderValue: Buffer = Buffer.alloc(0);

/** The versions that know transactions. */
const versions = [4, 5, 6, 7, 8, 9, 10, 11];
let isMended = false;

export function mendKafkajs(): void {
  if (isMended) return;
  isMended = true;
  const require = createRequire(import.meta.url);
  for (const version of versions) {
    const response: ResponseModule = require(`kafkajs/src/protocol/requests/fetch/v${version}/response`);
    const { decode } = response;
    response.decode = async (raw) => {
      const fetched = await decode(raw);
      for (const { partitions } of fetched.responses) for (const each of partitions) passOverAborted(each);
      return fetched;
    };
  }
  const replace = (path: string, by: unknown): void => {
    require(path);
    const loaded = require.cache[require.resolve(path)];
    if (loaded !== undefined) loaded.exports = by;
  };
  replace("kafkajs/src/producer/groupMessagesPerPartition", groupMessages);
  replace("kafkajs/src/protocol/recordBatch/record/v0", recordEncoder(noHeaderValue));
  const queue: { readonly prototype: RequestQueue } = require("kafkajs/src/network/requestQueue");
  queue.prototype.scheduleCheckPendingRequests = function (): void {
    if (this.throttleCheckTimeoutId !== null) return;
    const throttledMs = this.throttledUntil - Date.now();
    const idleMs = this.pending.length > 0 ? pendingMs : 1;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : idleMs,
    );
  };
  const encoder: { readonly prototype: Encoder } = require("kafkajs/src/protocol/encoder");
  const { writeVarIntBytes } = encoder.prototype;
  encoder.prototype.writeVarIntBytes = function (value): Encoder {
    return value === noHeaderValue ? this.writeVarInt(-1) : writeVarIntBytes.call(this, value);
  };
}

export function groupMessages<Message>(grouped: Grouped<Message>): Record<number, Message[]> {
  const { topic, partitionMetadata, messages, partitioner } = grouped;
  const groups: Record<number, Message[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    groups[partition] ??= [];
    groups[partition].push(message);
  }
  return groups;
}

export function passOverAborted(partition: FetchedPartition): void {
  const { messages, abortedTransactions } = partition;
  if (abortedTransactions == null || abortedTransactions.length === 0) return;
  const waiting = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId: String(producerId), first: BigInt(firstOffset) }))
    .sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
  partition.abortedTransactions = [];
  const open = new Set<string>();
  let next = 0;
  for (const message of messages) {
    const offset = BigInt(message.offset);
    for (; next < waiting.length && waiting[next]!.first <= offset; next++) open.add(waiting[next]!.producerId);
    const { batchContext } = message;
    if (batchContext === undefined) continue;
    const producer = String(batchContext.producerId);
    // A control record's key is its version and its kind: 0 is an abort.
    if (message.isControlRecord) {
      if (message.key?.[3] === 0) open.delete(producer);
    } else if (batchContext.inTransaction && open.has(producer)) message.isControlRecord = true;
  }
}

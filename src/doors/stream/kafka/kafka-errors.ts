// What clients and brokers throw → our errors. Their messages are matched where there is nothing better to tell by.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../../base/errors.ts";
import type { TopicPartition } from "../port.ts";

interface ClientError {
  readonly name?: string;
  readonly type?: string;
  readonly code?: string | number;
  readonly message?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

export interface KafkaFault {
  readonly brokers: readonly string[];
  /** What was being done: `rides/3`, `the topics`. */
  readonly at: string;
  readonly topic?: string;
}

const invalidEpoch = 47;
const producerFenced = 90;
/** What librdkafka says of messages that it may not send any more, and of a producer that it knows to be fenced off. */
const purged = -152;
const localFenced = -144;
const messageTooLarge = new Set([10, 18]);
const unknownTopic = new Set([3]);
const denied = new Set([29, 30, 31, 53, 58]);

/** The class of error that it is; one that is not known is one of the broker's, and may pass. */
export function kafkaError(error: unknown, fault: KafkaFault): TrimaranError {
  if (isTrimaranError(error)) return error;
  const chain = chainOf(error);
  const text = chain.map(({ message }) => message ?? "").join("; ");
  const brokers = fault.brokers.join(", ");
  const problem = (chain[0]?.message ?? "no reason given").replace(/\s+/g, " ").slice(0, 200);
  const hasCode = (codes: ReadonlySet<number>): boolean =>
    chain.some(({ code }) => typeof code === "number" && codes.has(code));
  const hasType = (...types: readonly string[]): boolean =>
    chain.some(({ type, name }) => types.includes(type ?? "") || types.includes(name ?? ""));
  const extras = { cause: error };
  if (isFenced(error)) return trimaranError("KAFKA_FENCED", { at: fault.at }, extras);
  if (hasCode(messageTooLarge) || hasType("MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE")) {
    return trimaranError("KAFKA_MESSAGE_TOO_LARGE", { at: fault.at, topic: fault.topic ?? "the topic" }, extras);
  }
  if (hasType("KafkaJSSASLAuthenticationError") || hasCode(denied) || /SASL|[Aa]uthentication|[Aa]uthoriz/.test(text)) {
    return trimaranError("KAFKA_DENIED", { brokers, problem }, extras);
  }
  if (isTls(chain, text)) return trimaranError("KAFKA_TLS", { brokers, problem }, extras);
  if (hasCode(unknownTopic) || hasType("UNKNOWN_TOPIC_OR_PARTITION")) {
    return trimaranError("KAFKA_TOPIC_MISSING", { topic: fault.topic ?? "of that name" }, extras);
  }
  return trimaranError("KAFKA_UNREACHABLE", { brokers, problem }, extras);
}

/** The broker did not say where the group stands, which is not to say that it stands nowhere. */
export function unknownPosition(brokers: readonly string[], { topic, partition }: TopicPartition): TrimaranError {
  const problem = `it does not say where the group stands in ${topic}/${partition}`;
  return trimaranError("KAFKA_UNREACHABLE", { brokers: brokers.join(", "), problem });
}

/** Another producer has our transactional ID now. */
export function isFenced(error: unknown): boolean {
  return chainOf(error).some(
    ({ code, type, message }) =>
      code === invalidEpoch ||
      code === producerFenced ||
      code === purged ||
      code === localFenced ||
      type === "INVALID_PRODUCER_EPOCH" ||
      type === "PRODUCER_FENCED" ||
      /error code 90\b|fenced/i.test(message ?? ""),
  );
}

function isTls(chain: readonly ClientError[], text: string): boolean {
  const codes = /^(?:ERR_SSL|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|EPROTO)/;
  return (
    chain.some(({ code }) => codes.test(String(code ?? ""))) || /certificate|SSL|TLS|wrong version number/.test(text)
  );
}

function chainOf(error: unknown): readonly ClientError[] {
  const chain: ClientError[] = [];
  for (let next = error; next instanceof Error && chain.length < 8; ) {
    const link = next as Error & ClientError;
    chain.push(link);
    next = link.originalError ?? link.cause;
  }
  return chain;
}

// Which client library of Kafka is used: the one that is asked for, else the one that is installed.
import { trimaranError } from "../../../base/errors.ts";
import type { KafkaCapabilities, KafkaClient, OpenKafkaClient } from "./kafka-client.ts";
import type { KafkaSettings } from "./kafka-settings.ts";
import { kafkajsCapabilities, openKafkajs } from "./kafkajs-client.ts";

/** @throws KAFKA_CLIENT_MISSING, KAFKA_CLIENT_LACKS */
export async function openKafkaClient(open: OpenKafkaClient, settings: KafkaSettings): Promise<KafkaClient> {
  assertCan("kafkajs", kafkajsCapabilities, settings);
  return openKafkajs(open);
}

function assertCan(client: string, can: KafkaCapabilities, { instanceId, groupProtocol }: KafkaSettings): void {
  if (instanceId !== null && !can.staticMembership) {
    throw trimaranError("KAFKA_CLIENT_LACKS", { client, what: "static membership", flag: "--instance-id" });
  }
  if (groupProtocol === "consumer" && !can.consumerProtocol) {
    throw trimaranError("KAFKA_CLIENT_LACKS", { client, what: "KIP-848", flag: "--group-protocol consumer" });
  }
}

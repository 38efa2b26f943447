// Which client library of Kafka is used: the one that is asked for, else the one that is installed.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { trimaranError } from "../../../base/errors.ts";
import { confluentCapabilities, openConfluent } from "./confluent-client.ts";
import type { ConfluentModule } from "./confluent-library.ts";
import type { KafkaCapabilities, KafkaClient, KafkaClientName, OpenKafkaClient } from "./kafka-client.ts";
import type { KafkaSettings } from "./kafka-settings.ts";
import { kafkajsCapabilities, openKafkajs } from "./kafkajs-client.ts";

const confluentName = "@confluentinc/kafka-javascript";

/** @throws KAFKA_CLIENT_MISSING, KAFKA_CLIENT_LACKS */
export async function openKafkaClient(open: OpenKafkaClient, settings: KafkaSettings): Promise<KafkaClient> {
  const { client } = settings;
  const confluent = client === "kafkajs" ? null : await findConfluent();
  if (confluent !== null) {
    assertCan("confluent", confluentCapabilities, settings);
    return openConfluent(confluent, open);
  }
  if (client === "confluent")
    throw trimaranError("KAFKA_CLIENT_MISSING", { which: ` by the name of ${confluentName}` });
  assertCan("kafkajs", kafkajsCapabilities, settings);
  const opened = await openKafkajs(open);
  if (client === null) open.note(`${confluentName} is not installed: using kafkajs, which holds exactly once as well.`);
  return opened;
}

/** Beside Trimaran, or in the folder that the stream is started in. */
async function findConfluent(): Promise<ConfluentModule | null> {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href]) {
    try {
      const module: ConfluentModule = createRequire(from)(confluentName);
      return module;
    } catch {
      // It is not there, or its native code is of another Node.
    }
  }
  return null;
}

function assertCan(client: KafkaClientName, can: KafkaCapabilities, settings: KafkaSettings): void {
  const { instanceId, groupProtocol } = settings;
  if (instanceId !== null && !can.staticMembership) {
    throw trimaranError("KAFKA_CLIENT_LACKS", { client, what: "static membership", flag: "--instance-id" });
  }
  if (groupProtocol === "consumer" && !can.consumerProtocol) {
    throw trimaranError("KAFKA_CLIENT_LACKS", { client, what: "KIP-848", flag: "--group-protocol consumer" });
  }
}

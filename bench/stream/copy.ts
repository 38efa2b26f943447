// A pass-through copy by the same client library in the same transactions: what is left of the time when nothing is computed.
//   node copy.ts FROM_URL TO_URL GROUP kafkajs|confluent
import { batchCopy } from "./batch-copy.ts";

const [from = "", to = "", group = "", client] = process.argv.slice(2);
await batchCopy({ from, to, group, client: client === "confluent" ? client : "kafkajs" });

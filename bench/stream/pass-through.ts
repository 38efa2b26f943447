// Copies the records of a topic, exactly once or at least once, with the engine and the client of `trimaran stream` and no model.
// On SIGTERM it writes {"commits": N, "commitSeconds": S} to stderr.
//
//   node bench/stream/pass-through.ts FROM_URL TO_URL GROUP [exactly-once|at-least-once] [kafkajs|confluent]
import { openKafkaEngine } from "../../src/doors/stream/kafka/kafka-engine.ts";
import type { Delivery } from "../../src/doors/stream/port.ts";

const [from = "", to = "", group = "", delivery = "exactly-once", client] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
let commits = 0;
let commitMs = 0;
const nothing = (): void => {};
await using engine = await openKafkaEngine({
  from,
  to,
  deadLetter: null,
  group,
  delivery: delivery as Delivery,
  batchSize: 10_000,
  untilEnd: false,
  kafka: {
    client: (client as "kafkajs" | "confluent" | undefined) ?? null,
    configFile: null,
    commitIntervalMs: 20,
    sessionTimeoutMs: 10_000,
    instanceId: null,
    groupProtocol: "classic",
    env: process.env,
  },
  events: {
    rebalanced: nothing,
    lag: nothing,
    aborted: (_, code) => console.error(code),
    note: (text) => console.error(text),
    committed: (_, { milliseconds }) => {
      commits++;
      commitMs += milliseconds;
    },
  },
});
await engine.run(
  async ({ records }) => ({
    outgoing: records.map(({ key, value, headers }) => ({ to: "output", key, value, headers })),
  }),
  stop.signal,
);
console.error(JSON.stringify({ commits, commitSeconds: commitMs / 1000 }));

// Streams over a real Apache Kafka: from sending a message to reading its answer, and what commits take, one process.
//
//   npm run bench -- stream-latency                    all works, some 4 minutes
//   npm run bench -- stream-latency --quick            that it runs; its figures say little
//   npm run bench -- stream-latency --only latency --kafka-client kafkajs
//
// Works:
//   latency   at 1,000 messages a second in an open loop, exactly once and at least once, beside Python with confluent-kafka
//   commits   records a second as the group's position moves, with the time that a commit takes and what is in it: ours exactly
//             once and at least once, a copy by the same engine, Python in transactions of 500
//
// Options: --rounds 3, --seconds 6 (of a round), --records 400000 (in the topic that is read), --no-peers, --json. Contenders take
// turns. Exit code 1 when a work failed; a missed target is told, not a failure. Figures of one run may be compared, figures of
// two runs may not.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeKafka, startKafka } from "../scripts/kafka-server.ts";
import { isMet, type Outcome, outcomeText, type Target, targetsText } from "./serve/outcome.ts";
import { BenchTopics } from "./stream/bench-topics.ts";
import { type Contender, passThrough, python, trimaranStream } from "./stream/contenders.ts";
import { measureLatency } from "./stream/latency.ts";
import { measure } from "./stream/throughput.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "latency,commits" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    "no-peers": { type: "boolean", default: false },
    "kafka-client": { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    records: { type: "string" },
  },
});
const { quick, json } = flags;
const client = flags["kafka-client"] ?? null;
const hasPeers = !flags["no-peers"];
const progress = (text: string): void => {
  if (!json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};
const options = {
  quick,
  rounds: Number(flags.rounds ?? (quick ? 1 : 3)),
  seconds: Number(flags.seconds ?? (quick ? 2 : 6)),
  connections: 0,
  peers: [],
  progress,
};
const records = Number(flags.records ?? (quick ? 100_000 : 400_000));
const deliveries = ["exactly-once", "at-least-once"] as const;

await makeKafka();
await using server = await startKafka();
await using topics = await BenchTopics.open(server.broker);
const home = mkdtempSync(join(tmpdir(), "trimaran-bench-stream-"));
const { broker } = server;

const works: Readonly<Record<string, () => Promise<Outcome>>> = {
  latency: async () => {
    const asked = { model: "linear", client } as const;
    const contenders: (readonly [Contender, number | null])[] = [
      [trimaranStream({ ...asked, delivery: "exactly-once" }), 100],
      [trimaranStream({ ...asked, delivery: "at-least-once", more: ["--commit-interval", "1ms"] }), 15],
    ];
    for (const delivery of hasPeers ? deliveries : []) {
      contenders.push([await python("linear", "each", { delivery, records: 100 }), null]);
    }
    return measureLatency({ broker, home, topics, perSecond: 1000, contenders }, options);
  },
  commits: async () => {
    await topics.make("rides");
    await topics.fill("rides", records);
    const contenders = [
      trimaranStream({ model: "linear", delivery: "exactly-once", client }),
      passThrough("exactly-once", client),
      trimaranStream({ model: "linear", delivery: "at-least-once", client }),
      ...(hasPeers ? [await python("linear", "batch")] : []),
    ];
    const title = "What commits take, linear model, 4 partitions";
    return measure({ title, broker, home, topics, from: "rides", records, contenders }, options);
  },
};

const outcomes: { readonly work: string; readonly outcome: Outcome }[] = [];
const failed: { readonly work: string; readonly why: string }[] = [];
try {
  for (const work of flags.only.split(",")) {
    try {
      const run = works[work];
      if (run === undefined) throw new Error(`there is no such work; there are ${Object.keys(works).join(", ")}`);
      const outcome = await run();
      progress("");
      if (!json) console.log(outcomeText(outcome));
      outcomes.push({ work, outcome });
    } catch (error) {
      failed.push({ work, why: (error as Error).message });
      console.error(`\n${work} failed: ${(error as Error).message}`);
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
const targets = outcomes.flatMap(({ work, outcome }) =>
  outcome.targets.map((target): Target & { readonly work: string } => ({ work, ...target })),
);
if (json) {
  const held = targets.map((target) => ({ ...target, met: isMet(target) }));
  const data = outcomes.map(({ work, outcome }) => ({ work, title: outcome.title, ...(outcome.data as object) }));
  console.log(JSON.stringify({ bench: "stream-latency", quick, works: data, targets: held, failed }, null, 2));
} else console.log(`\n${targetsText(targets)}`);
process.exitCode = failed.length > 0 ? 1 : 0;

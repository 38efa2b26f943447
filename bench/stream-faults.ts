// Streams over a real Apache Kafka whose processes are killed, scaled and frozen, and whose broker goes away: the long form.
//
//   npm run bench -- stream-faults                          all scenarios with both clients, some 10 minutes
//   npm run bench -- stream-faults --only killed --client kafkajs --seed 7 --kills 6 --messages 20000
//   npm run bench -- stream-faults --quick                  short: what CI runs in test/e2e/stream-kafka
//
// Scenarios:
//   killed    of three processes one after the other is killed with SIGKILL at random times, and another one started
//   scaled    one process, then four, then two
//   frozen    a process is stopped for longer than its session and goes on: it must end with exit code 75
//   away      the broker is killed and comes back after ten seconds
//
// A message in 97 is malformed. After each scenario a reader of committed records must find every other one answered once, in the
// order of its key, and each malformed one once in the dead letter. Exit code 1 where that does not hold. --json prints what was seen.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { confluentSkip } from "../scripts/kafka-client.ts";
import { type KafkaServer, makeKafka, startKafka } from "../scripts/kafka-server.ts";
import { assertExactlyOnce } from "../test/e2e/stream-kafka/exactly-once.ts";
import { RidesStream, type Worker } from "../test/e2e/stream-kafka/rides-stream.ts";
import { randomFrom } from "../test/engine/kernels/random-forest.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "killed,scaled,frozen,away" },
    client: { type: "string", default: "kafkajs,confluent" },
    seed: { type: "string", default: "1" },
    kills: { type: "string" },
    messages: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const kills = Number(flags.kills ?? (flags.quick ? 2 : 6));
const messages = Number(flags.messages ?? (flags.quick ? 3000 : 20_000));
const perSecond = 600;
const patienceMs = 120_000;
const random = randomFrom(Number(flags.seed));

type Client = "kafkajs" | "confluent";

interface Outcome {
  readonly scenario: string;
  readonly client: Client;
  readonly messages: number;
  readonly seconds: number;
  /** null: nothing lost, nothing doubled. */
  readonly problem: string | null;
}

const scenarios: Readonly<Record<string, (rides: RidesStream, server: KafkaServer) => Promise<void>>> = {
  async killed(rides) {
    const workers = [rides.start(), rides.start(), rides.start()];
    const sending = rides.send(messages, perSecond);
    const everyMs = (messages / perSecond / (kills + 1)) * 1000;
    for (let kill = 0; kill < kills; kill++) {
      await sleep(everyMs * (0.5 + random()));
      const at = Math.floor(random() * workers.length);
      workers[at]!.child.kill("SIGKILL");
      workers[at] = rides.start();
    }
    await sending;
    await expectRunning(workers);
  },
  async scaled(rides) {
    const workers = [rides.start()];
    const sending = rides.send(messages, perSecond);
    const partMs = (messages / perSecond / 3) * 1000;
    await sleep(partMs);
    workers.push(rides.start(), rides.start(), rides.start());
    await sleep(partMs);
    for (const worker of workers.splice(0, 2)) {
      worker.child.kill("SIGTERM");
      await expectCode(worker, 0);
    }
    await sending;
    await expectRunning(workers);
  },
  async frozen(rides) {
    const [zombie, other] = [rides.start(), rides.start()];
    const sending = rides.send(Math.min(messages, 6000), perSecond);
    await sleep(3000);
    zombie.child.kill("SIGSTOP");
    await sleep(5000);
    zombie.child.kill("SIGCONT");
    await expectCode(zombie, 75);
    await sending;
    await expectRunning([other]);
  },
  async away(rides, server) {
    const workers = [rides.start(), rides.start()];
    await rides.send(Math.min(messages, 6000), perSecond);
    await server.kill();
    await sleep(flags.quick ? 4000 : 10_000);
    await server.start();
    await rides.send(Math.min(messages, 6000), perSecond);
    await expectRunning(workers);
  },
};

async function expectRunning(workers: readonly Worker[]): Promise<void> {
  const gone = workers.find(({ child }) => child.exitCode !== null);
  if (gone !== undefined) throw new Error(`a process ended with ${gone.child.exitCode}: ${gone.told().slice(-500)}`);
}

async function expectCode(worker: Worker, code: number): Promise<void> {
  const ended = await worker.ended;
  if (ended !== code) throw new Error(`a process ended with ${ended}, not ${code}: ${worker.told().slice(-500)}`);
}

const asked = flags.only.split(",");
const unknown = asked.find((name) => !Object.hasOwn(scenarios, name));
if (unknown !== undefined) {
  console.error(`There is no scenario "${unknown}". Scenarios: ${Object.keys(scenarios).join(", ")}.`);
  process.exit(2);
}
const clients = flags.client.split(",");
const other = clients.find((name) => name !== "kafkajs" && name !== "confluent");
if (other !== undefined) {
  console.error(`There is no client "${other}". Clients: kafkajs, confluent.`);
  process.exit(2);
}
if (![kills, messages, Number(flags.seed)].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error("--seed, --kills and --messages are whole numbers.");
  process.exit(2);
}
await makeKafka();
await using server = await startKafka();
const outcomes: Outcome[] = [];
for (const client of clients as Client[]) {
  const missing = client === "confluent" ? await confluentSkip() : false;
  if (missing !== false) {
    console.error(`confluent: left out, ${missing}`);
    continue;
  }
  for (const scenario of asked) {
    const began = performance.now();
    await using rides = await RidesStream.open(server, `${scenario}-${client}`, client);
    let problem: string | null = null;
    try {
      await scenarios[scenario]!(rides, server);
      assertExactlyOnce(await rides.seen(patienceMs), rides.sent);
    } catch (error) {
      problem = (error as Error).message;
      process.exitCode = 1;
    }
    const seconds = (performance.now() - began) / 1000;
    outcomes.push({ scenario, client, messages: rides.sent, seconds, problem });
    const verdict = problem ?? "0 lost, 0 doubled, in order, malformed ones set aside once";
    if (!flags.json) {
      console.log(
        `${scenario.padEnd(8)}${client.padEnd(11)}${rides.sent} messages, ${seconds.toFixed(0)} s: ${verdict}`,
      );
    }
  }
}
if (flags.json) console.log(JSON.stringify({ bench: "stream-faults", seed: flags.seed, kills, outcomes }, null, 2));

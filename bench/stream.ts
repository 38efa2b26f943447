// Streams over a real Apache Kafka (one node, Java, on this machine): messages answered a second, exactly once, 4 partitions, 1 process.
//
//   npm run bench -- stream [--only linear,forest] [--rounds 3] [--messages 200000] [--memory 10000000] [--client kafkajs] [--quick] [--json]
//
// Contenders take turns on the same messages: ours; a pass-through copy by the same client library; Python with confluent-kafka and
// scikit-learn in transactions of 500, with one `predict` a message as in the course (fewer messages, as it is slow), and with one a
// batch. A rate is that of the broker's clock, from the first batch in the output topic to the last. Printed are medians, and the
// medians of each round's own ratios. --memory N answers N messages more in one process, by the linear model, and prints its resident
// memory on the way; `--only none` leaves the rates out. Ours and the copy are by kafkajs, or by Confluent's library with --client confluent.
import { execFile } from "node:child_process";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { makeConfluent } from "../scripts/kafka-client.ts";
import { makeKafka, startKafka } from "../scripts/kafka-server.ts";
import { makePythonEnvironment } from "../scripts/python-environment.ts";
import { root } from "../scripts/stage.ts";
import { forestPins, linearPins } from "./peers/environments.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";
import { exampleFile } from "./serve/peers.ts";
import { BenchBroker } from "./stream/broker.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string" },
    messages: { type: "string" },
    memory: { type: "string" },
    client: { type: "string", default: "kafkajs" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const messages = Number(flags.messages ?? (flags.quick ? 50_000 : 200_000));
const run = promisify(execFile);
const works = ["linear", "forest"] as const;
type Model = (typeof works)[number];
const wanted = works.filter((work) => flags.only?.split(",").includes(work) ?? true);
const say = (text: string): void => (flags.json ? undefined : console.log(text));
const confluent = "confluent-kafka==2.12.2";
const targets: Readonly<Record<Model, Readonly<Record<string, number>>>> = {
  linear: { message: 10, batch: 3, copy: 0.7 },
  forest: { message: 100, batch: 4, copy: 0.7 },
};
/** What the slow one gets through in some seconds. */
const slowMessages: Readonly<Record<Model, number>> = { linear: 30_000, forest: 2000 };

/** Where Confluent's library is found. */
const cwd = flags.client === "confluent" ? await makeConfluent() : root;
await makeKafka();
await using broker = new BenchBroker(await startKafka());
using home = mkdtempDisposableSync(join(tmpdir(), "trimaran-bench-"));
if (wanted.length > 0) {
  await broker.makeTopic("rides");
  await broker.fill("rides", messages);
}
let topics = 0;

interface Contender {
  readonly name: string;
  readonly count: number;
  run(output: string, group: string): Promise<void>;
}

const results: Record<string, unknown> = {};
for (const model of wanted) results[model] = await compare(model);
if (flags.memory !== undefined) results["memory"] = await memoryOver(Number(flags.memory));
if (flags.json) console.log(JSON.stringify(results));

async function compare(model: Model): Promise<unknown> {
  const contenders = await contendersOf(model);
  // The first transactions of a broker are slow for everybody.
  await rateOf(contenders[1]!);
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, contender] of contenders.entries()) rates[at]!.push(await rateOf(contender));
  }
  const [ours = []] = rates;
  const rows = contenders.map(({ name }, at) => {
    const ratio = medianRatio(ours, rates[at]!);
    const target = targets[model][name];
    const verdict = target === undefined ? "" : `≥ ${target} ${ratio >= target ? "met" : "not met"}`;
    return { name, perSecond: median(rates[at]!), ratio, verdict };
  });
  const lines = rows.map(({ name, perSecond, ratio, verdict }) => [name, shown(perSecond), shown(ratio), verdict]);
  say(`\n${model}, exactly once, ${messages} messages, ${rounds} rounds\n`);
  say(tableText([["", "messages/s", "ours is ×", ""], ...lines]));
  return rows;
}

async function contendersOf(model: Model): Promise<readonly Contender[]> {
  const python = await makePythonEnvironment(withConfluent(model));
  const peer = fileURLToPath(new URL("stream/peer.py", import.meta.url));
  const asPython = (way: "message" | "batch", count: number): Contender => ({
    name: way,
    count,
    run: async (output, group) => {
      await run(python, [peer, broker.address, "rides", output, group, exampleFile[model], String(count), way]);
    },
  });
  return [
    {
      name: "trimaran",
      count: messages,
      run: async (output, group) => {
        await run(process.execPath, streamArgs(model, { input: "rides", output, group }), { cwd });
      },
    },
    {
      name: "copy",
      count: messages,
      run: async (output, group) => {
        const copy = fileURLToPath(new URL("stream/copy.ts", import.meta.url));
        await run(process.execPath, [copy, broker.url("rides"), broker.url(output), group, flags.client], { cwd });
      },
    },
    asPython("message", Math.min(messages, slowMessages[model])),
    asPython("batch", messages),
  ];
}

function streamArgs(
  model: Model,
  { input, output, group }: { readonly input: string; readonly output: string; readonly group: string },
): readonly string[] {
  const place = ["--from", broker.url(input), "--to", broker.url(output), "--group", group];
  const args = [`${root}bin/trimaran`, "stream", `${root}examples/ride-duration`, "--model", exampleFile[model]];
  return [...args, ...place, "--until-end", "--pin", "--home", home.path, "--kafka-client", flags.client];
}

/** Resident memory of one process at ten moments, in MiB by the answers that were committed so far. */
async function memoryOver(
  count: number,
): Promise<readonly { readonly messages: number; readonly mebibytes: number }[]> {
  for (const topic of ["many", "many-answers"]) await broker.makeTopic(topic);
  await broker.fill("many", count);
  const running = run(
    process.execPath,
    streamArgs("linear", { input: "many", output: "many-answers", group: "many" }),
    { cwd },
  );
  const pid = running.child.pid ?? 0;
  let isDone = false;
  const done = running.finally(() => {
    isDone = true;
  });
  const seen: { messages: number; mebibytes: number }[] = [];
  say(`\nmemory over ${count.toLocaleString("en")} messages\n`);
  while (!isDone) {
    await Promise.race([sleep(500), done]);
    const messages = await broker.appended("many-answers");
    if (isDone || messages < ((seen.length + 1) * count) / 10) continue;
    const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    // It has ended since.
    if (kibibytes === undefined) continue;
    seen.push({ messages, mebibytes: Number(kibibytes) / 1024 });
    say(`${messages.toLocaleString("en")} messages: ${(Number(kibibytes) / 1024).toFixed(0)} MiB`);
  }
  await done;
  return seen;
}

function withConfluent(model: Model): Parameters<typeof makePythonEnvironment>[0] {
  const { name, python, pins } = model === "linear" ? linearPins : forestPins;
  return { name: `${name}-kafka`, python, pins: [...pins, confluent] };
}

async function rateOf({ name, count, run: start }: Contender): Promise<number> {
  const output = `answers-${topics++}`;
  await broker.makeTopic(output);
  await start(output, `group-${output}`);
  const { messages: seen, perSecond } = await broker.measure(output, count);
  if (seen < count) throw new Error(`${name} answered ${seen} of ${count} messages`);
  return perSecond;
}

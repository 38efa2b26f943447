// What is compared: `trimaran stream`, the same engine without a model, and Python with confluent-kafka; each a process that reads one
// topic and writes another.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { makePythonEnvironment, type PythonPins } from "../../scripts/python-environment.ts";
import { root } from "../../scripts/stage.ts";
import { forestPins, linearPins } from "../peers/environments.ts";
import { example } from "../serve/contestants.ts";
import { type ExampleModel, exampleFile } from "../serve/peers.ts";

export type Delivery = "exactly-once" | "at-least-once";

export interface Route {
  readonly broker: string;
  readonly from: string;
  readonly to: string;
  readonly dead: string;
  readonly group: string;
  readonly home: string;
}

export interface Contender {
  readonly name: string;
  command(route: Route): readonly [program: string, ...args: string[]];
}

export interface Commits {
  readonly commits: number;
  readonly commitSeconds: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly told: () => string;
  /** Ends it in order. */
  stop(): Promise<Commits | null>;
}

export interface Asked {
  readonly model: ExampleModel;
  readonly delivery: Delivery;
  /** null: whichever is installed. */
  readonly client: string | null;
  readonly more?: readonly string[];
}

export function trimaranStream({ model, delivery, client, more = [] }: Asked): Contender {
  return {
    name: `trimaran stream, ${delivery}`,
    command: ({ broker, from, to, dead, group, home }) => {
      const url = (topic: string): string => `kafka://${broker}/${topic}`;
      const places = ["--from", url(from), "--to", url(to), "--dead-letter", url(dead), "--group", group];
      const flags = ["--home", home, "--pin", "--json", "--delivery", delivery, "--metrics-port", "0"];
      const chosen = [
        ...(client === null ? [] : ["--kafka-client", client]),
        ...(model === "forest" ? ["--model", `${example}/forest`] : []),
      ];
      return [process.execPath, `${root}bin/trimaran`, "stream", example, ...places, ...flags, ...chosen, ...more];
    },
  };
}

export function passThrough(delivery: Delivery, client: string | null): Contender {
  return {
    name: `pass-through copy, ${delivery}`,
    command: ({ broker, from, to, group }) => {
      const program = fileURLToPath(new URL("pass-through.ts", import.meta.url));
      const url = (topic: string): string => `kafka://${broker}/${topic}`;
      return [process.execPath, program, url(from), url(to), group, delivery, ...(client === null ? [] : [client])];
    },
  };
}

const confluent = "confluent-kafka==2.16.1";

/** @throws where pip has none of it */
export async function python(
  model: ExampleModel,
  mode: "each" | "batch",
  { delivery = "exactly-once" as Delivery, records = 500 } = {},
): Promise<Contender> {
  const { name, pins, ...rest } = model === "linear" ? linearPins : forestPins;
  const wanted: PythonPins = { ...rest, name: `${name}-stream`, pins: [...pins, confluent] };
  const interpreter = await makePythonEnvironment(wanted);
  const program = fileURLToPath(new URL("../peers/stream_peer.py", import.meta.url));
  const way = mode === "each" ? "one predict a message" : "one predict a batch";
  return {
    name: `Python, ${way}, ${delivery}`,
    command: ({ broker, from, to, group }) => [
      ...([interpreter, program, broker, from, to, group, exampleFile[model]] as const),
      ...[mode, delivery, String(records)],
    ],
  };
}

export function start(contender: Contender, route: Route): Running {
  const [program, ...args] = contender.command(route);
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"], env: process.env });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const ended = once(child, "close");
  return {
    child,
    told: () => told,
    stop: async () => {
      const commits = await ownCommits(told);
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(late);
      return commits ?? writtenCommits(told);
    },
  };
}

/** Of the metrics port that `trimaran stream --json` names. */
async function ownCommits(told: string): Promise<Commits | null> {
  const port = /"metricsPort":(\d+)/.exec(told)?.[1];
  if (port === undefined) return null;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const figureOf = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1]);
  const name = "trimaran_stream_commit_seconds";
  return { commits: figureOf(`${name}_count`), commitSeconds: figureOf(`${name}_sum`) };
}

function writtenCommits(told: string): Commits | null {
  const line = told.split("\n").findLast((each) => each.startsWith('{"commits"'));
  return line === undefined ? null : (JSON.parse(line) as Commits);
}

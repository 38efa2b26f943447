// The web service beside the other programs: every row of the table of targets, each peer in the same run, in turn with ours.
//
//   npm run bench -- serve                         all works of the table, some 18 minutes
//   npm run bench -- serve --quick                 the same with short rounds: that it runs; its figures say little
//   npm run bench -- serve --only forest,grpc      some of the works
//   npm run bench -- serve --only linear --peers gunicorn,fastapi
//   npm run bench -- serve --all --json            all works below, as one JSON object
//
// Works:
//   linear, forest   requests a second over HTTP, two workers; Flask + Gunicorn, FastAPI + uvicorn, bare node:http; the forest
//                    also beside MLServer and `mlflow models serve`, which take ready columns
//   grpc             unary calls a second over ready columns, beside MLServer
//   overload         twice the load that the service can take, in an open loop
//   swap             a new model every second at half of what the service can take, beside Gunicorn's HUP
//   cold-start       start to first right answer: installed tarball, clone, peers
//   memory           PSS of all processes with 1, 2, 4 workers: the worked example, and a forest of 1.6 million nodes
//   swaps            resident size over 1,000 new models
//   prediction-log, image-size   (only with --all or --only) the programs of these names
//
// Options: --rounds 5, --seconds 3 (of a round), --connections 16, --peers TEXT,TEXT (others are left out), --json.
// Peers are installed by pip, once; one that cannot be is a row that says so. Answers are compared before and while they are
// measured: another number ends the work. Exit code 1 when a work failed; a missed target is told, not a failure. Figures of one
// run may be compared, figures of two runs may not.
import { parseArgs } from "node:util";
import { forest, grpc, linear } from "./serve/closed-works.ts";
import { coldStart } from "./serve/cold-start.ts";
import { memory } from "./serve/memory.ts";
import { imageSize, predictionLog } from "./serve/other-programs.ts";
import { isMet, type Outcome, outcomeText, type Target, targetsText, type Work } from "./serve/outcome.ts";
import { overload } from "./serve/overload.ts";
import { swap } from "./serve/swap.ts";
import { swaps } from "./serve/swaps.ts";

const table: Readonly<Record<string, Work>> = {
  ...{ linear, forest, grpc, overload, swap, "cold-start": coldStart, memory, swaps },
};
const works: Readonly<Record<string, Work>> = { ...table, "prediction-log": predictionLog, "image-size": imageSize };

const flags = readFlags();
const { quick, json } = flags;
const asked = flags.only === "" ? Object.keys(flags.all ? works : table) : flags.only.split(",");
const unknown = asked.find((name) => !Object.hasOwn(works, name));
if (unknown !== undefined) {
  console.error(`There is no work "${unknown}". Works: ${Object.keys(works).join(", ")}.`);
  process.exit(2);
}
const options = {
  quick,
  rounds: Math.ceil(positive(flags.rounds ?? (quick ? "1" : "5"), "--rounds")),
  seconds: positive(flags.seconds ?? (quick ? "1" : "3"), "--seconds"),
  connections: Math.ceil(positive(flags.connections, "--connections")),
  peers: flags.peers === "" ? [] : flags.peers.split(","),
  progress: (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
  },
};

const outcomes: { readonly work: string; readonly seconds: number; readonly outcome: Outcome }[] = [];
const failed: { readonly work: string; readonly why: string }[] = [];
for (const work of asked) {
  const began = performance.now();
  try {
    const outcome = await works[work]!(options);
    const seconds = (performance.now() - began) / 1000;
    options.progress("");
    if (!json) console.log(`${outcomeText(outcome)}\n(${work}: ${seconds.toFixed(0)} s)`);
    outcomes.push({ work, seconds, outcome });
  } catch (error) {
    const why = (error as Error).message;
    failed.push({ work, why });
    console.error(`\n${work} failed: ${why}`);
  }
}
const targets = outcomes.flatMap(({ work, outcome }) =>
  outcome.targets.map((target): Target & { readonly work: string } => ({ work, ...target })),
);
if (json) {
  const held = targets.map((target) => ({ ...target, met: isMet(target) }));
  const data = outcomes.map(({ work, seconds, outcome }) => ({
    work,
    seconds,
    title: outcome.title,
    ...(outcome.data as object),
  }));
  console.log(JSON.stringify({ bench: "serve", quick, works: data, targets: held, failed }, null, 2));
} else {
  console.log(`\n${targetsText(targets)}`);
  for (const { work, why } of failed) console.log(`${work}: failed: ${why}`);
}
process.exitCode = failed.length > 0 ? 1 : 0;

function positive(text: string, flag: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  console.error(`${flag} must be a number above 0, not "${text}".`);
  process.exit(2);
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: "" },
        peers: { type: "string", default: "" },
        all: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        rounds: { type: "string" },
        seconds: { type: "string" },
        connections: { type: "string", default: "16" },
        json: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message} See npm run bench -- serve --help.`);
    process.exit(2);
  }
}

// Rows a second in one process: our engine beside scikit-learn, onnxruntime and the boosters, on the same rows.
//
//   npm run bench -- predict [--only dense-row,opening] [--rounds 7] [--seconds 0.4] [--large] [--json]
//
// The peers run in Python processes (installed by pip, once) and, onnxruntime-node, in this one; everything on one thread. The
// models are trained once and kept in the test cache. Before a model is measured its answers to all rows must be Python's, bit
// for bit, as a batch and row by row. The ways of asking take turns; what is printed are the medians of the rounds, and the
// medians of each round's own ratios. Figures of one run may be compared, figures of two runs may not.
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makePythonEnvironment, type PythonPins } from "../scripts/python-environment.ts";
import { forestPins, trainingPins } from "./peers/environments.ts";
import { madeModels } from "./predict/models.ts";
import { openOnnxRuntime } from "./predict/onnx-node.ts";
import { largeWork } from "./predict/open-large.ts";
import { startPythonPeer } from "./predict/python-peer.ts";
import type { Target, Work } from "./predict/ways.ts";
import { type Bench, works } from "./predict/works.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(works).join(",") },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "0.4" },
    large: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const say = (text: string): void => (flags.json ? undefined : console.log(text));

/** Rows (or loads) a second, a figure a round, by way. */
type Figures = ReadonlyMap<string, readonly number[]>;

interface Measured {
  readonly work: Work;
  readonly figures: Figures;
}

const wanted = flags.only.split(",");
const unknown = wanted.filter((name) => !Object.hasOwn(works, name));
if (unknown.length > 0)
  throw new TypeError(`no such work: ${unknown.join(", ")}; there are ${Object.keys(works).join(", ")}`);
const python = await firstThatInstalls(trainingPins);
const models = await madeModels(python, "usual");
const measured: Measured[] = [];
{
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-bench-"));
  await using peer = await startPythonPeer(python);
  await using freshPeer = await startPythonPeer(python);
  await using forestPeer = await startPythonPeer(await makePythonEnvironment(forestPins));
  const bench: Bench = {
    models,
    scratch: scratch.path,
    python,
    peer,
    freshPeer,
    forestPeer,
    onnx: await openOnnxRuntime(say),
  };
  say(`scikit-learn ${peer.version} (the worked example's forest: ${forestPeer.version}), one thread each`);
  say(`${rounds} rounds of ${seconds} s in turn; medians`);
  for (const name of wanted) {
    for (const work of (await works[name]?.(bench)) ?? []) {
      const figures = await measure(work);
      measured.push({ work, figures });
      say(workText({ work, figures }));
    }
  }
}
const large = flags.large ? await largeWork(await madeModels(python, "large")) : null;
if (large !== null) say(`\n${large.text}`);
report();

async function firstThatInstalls(choices: readonly PythonPins[]): Promise<string> {
  let last: unknown;
  for (const pins of choices) {
    try {
      say(`Python with ${pins.pins.join(", ")} …`);
      return await makePythonEnvironment(pins);
    } catch (cause) {
      last = cause;
      say(`  does not install: ${String(cause).split("\n", 1)[0]}`);
    }
  }
  throw last;
}

async function measure({ ways }: Work): Promise<Figures> {
  const figures = new Map<string, number[]>(ways.map((way) => [way.name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const way of ways) {
      const { rows, seconds: took } = await way.run(seconds);
      if (round >= 0) figures.get(way.name)!.push(rows / took);
    }
  }
  return figures;
}

function workText({ work, figures }: Measured): string {
  const lines = work.ways.map(({ name }) => {
    const rate = median(figures.get(name)!);
    if (work.unit === "load") return [`  ${name}`, `${shown(1000 / rate)} ms`, ""];
    return [`  ${name}`, `${shown(1e6 / rate)} µs a row`, `${shown(rate / 1000)} krow/s`];
  });
  const notes = [
    ...work.targets.map((target) => `  ${targetText(target, figures)}`),
    ...work.notes.map((note) => `  ${note}`),
  ];
  return `\n${work.title}\n${[...(lines.length > 0 ? [tableText(lines)] : []), ...notes].join("\n")}`;
}

function ratioOf({ way, peer }: Target, figures: Figures): number {
  return medianRatio(figures.get(way)!, figures.get(peer)!);
}

function targetText(target: Target, figures: Figures): string {
  const ratio = ratioOf(target, figures);
  const verdict = ratio >= target.ratio ? "reached" : "NOT reached";
  return `${target.way} ÷ ${target.peer}: ${shown(ratio)} ×, target ${shown(target.ratio)} ×: ${verdict}`;
}

function report(): void {
  const rows = measured.flatMap(({ work, figures }) =>
    work.targets.map((target) => ({ work: work.title, ...target, measured: ratioOf(target, figures) })),
  );
  if (flags.json) {
    const all = measured.map(({ work, figures }) => ({
      work: work.title,
      unit: work.unit,
      perSecond: Object.fromEntries([...figures].map(([name, runs]) => [name, median(runs)])),
      notes: work.notes,
    }));
    console.log(JSON.stringify({ bench: "predict", rounds, seconds, works: all, targets: rows, large }, null, 2));
    return;
  }
  const head = ["\nwork", "peer", "target", "measured", ""];
  const lines = rows.map((row) => [
    row.work,
    row.peer,
    `${shown(row.ratio)} ×`,
    `${shown(row.measured)} ×`,
    row.measured >= row.ratio ? "reached" : "NOT reached",
  ]);
  const missing = measured.filter(({ work }) => work.targets.length === 0);
  const without = missing.map(({ work }) => [work.title, "", "", "–", "not measured"]);
  console.log(tableText([head, ...lines, ...without]));
}

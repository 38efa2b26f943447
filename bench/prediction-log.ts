// What the prediction log costs: a row, and a request's slowest hundredth beside the same service without it.
//
//   npm run bench -- prediction-log [--rounds 5] [--requests 2000] [--quick] [--json]
//
// The worked example. First the log alone: what giving a call costs its request, and what a row costs in all. Then two services, one
// with and one without the log, take turns under the same load of 8 connections; printed are medians over the rounds.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PredictionLog } from "../src/feedback/prediction-log.ts";
import { ride, row, serve } from "../test/doors/web/fleet/fixtures.ts";
import { testRow, testSource } from "../test/feedback/fixtures.ts";
import { median } from "./report/statistics.ts";
import { type Outcome, outcomeText, targetsText } from "./serve/outcome.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string" },
    requests: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
const requests = Number(flags.requests ?? (flags.quick ? 500 : 2000));
const connections = 8;
const home = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
try {
  const outcome = await measureService(await measureLog());
  if (flags.json) console.log(JSON.stringify(outcome));
  else {
    const targets = outcome.targets.map((target) => ({ work: "prediction-log", ...target }));
    console.log(`${outcomeText(outcome)}\n\n${targetsText(targets)}`);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** What it costs alone, in words. */
async function measureLog(): Promise<string> {
  const log = new PredictionLog({ root: join(home, "alone") });
  const source = log.source(testSource);
  const calls = 1000;
  let given = 0;
  const began = performance.now();
  for (let round = 0; round < 200; round++) {
    const start = performance.now();
    for (let index = 0; index < calls; index++) {
      const id = `01a204eb-dbfc-763f-af3d-ce45f60fd273/${round}/${index}`;
      log.add(source, { rows: 1, idOf: () => id, rowOf: () => testRow(id, { input: row, features: row }) });
    }
    given += performance.now() - start;
    await log.flush();
  }
  const all = performance.now() - began;
  await log.close();
  const { written, droppedAll } = log.counts;
  const perSecond = Math.round(written / (all / 1000)).toLocaleString("en");
  return `the log alone: ${((given / written) * 1000).toFixed(2)} µs a call before its answer, ${((all / written) * 1000).toFixed(2)} µs a row in all, ${perSecond} events/s, ${droppedAll} dropped`;
}

async function measureService(note: string): Promise<Outcome> {
  const options = ["--home", join(home, "served"), "--log-level", "error"];
  await using without = await serve([ride, ...options]);
  await using withLog = await serve([ride, "--prediction-log", ...options]);
  const times: { p50: number; p99: number }[][] = [[], []];
  for (let round = -1; round < rounds; round++) {
    for (const [at, { port }] of [without, withLog].entries()) {
      const measured = await load(port);
      if (round >= 0) times[at]?.push(measured);
    }
  }
  const [off, on] = times.map((each) => ({
    p50: median(each.map(({ p50 }) => p50)),
    p99: median(each.map(({ p99 }) => p99)),
  }));
  if (off === undefined || on === undefined) throw new TypeError("no rounds");
  const cells = ({ p50, p99 }: { p50: number; p99: number }): string[] => [p50.toFixed(2), p99.toFixed(2)];
  return {
    title: `prediction log: 8 connections, ${rounds} rounds of ${requests} requests in turn`,
    rows: [
      ["", "p50 ms", "p99 ms"],
      ["without the log", ...cells(off)],
      ["with the log", ...cells(on)],
    ],
    notes: [note],
    data: { off, on, note },
    targets: [{ what: "p99 with / without", measured: on.p99 / off.p99, is: "at most", target: 1.1 }],
  };
}

async function load(port: number): Promise<{ p50: number; p99: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const body = JSON.stringify(row);
  const taken: number[] = [];
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = performance.now();
      const headers = { "content-type": "application/json", "content-length": body.length };
      const sent = request({ port, agent, method: "POST", path: "/predict", headers }, (reply) => {
        reply.resume().once("end", () => {
          taken.push(performance.now() - start);
          resolve();
        });
      });
      sent.once("error", reject).end(body);
    });
  let left = requests;
  const client = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  const sorted = taken.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

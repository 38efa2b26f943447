// A new model every second at half of what a service can take; beside it Flask + Gunicorn, which is told HUP for the same.
//
// Ours is asked by the protocol's `load` to read a file that has just been put in the place of the last one; what stands behind
// a pickle's end is not read, so the bytes and the digest are new and the answers are not. That each exchange happened is seen
// by the digest in /metrics.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shown } from "../report/statistics.ts";
import { type Contestant, example, trimaran } from "./contestants.ts";
import { countOf, type OpenResult, openLoop } from "./generator/open-loop.ts";
import { isWanted, type Work, type WorkOptions } from "./outcome.ts";
import { capacityOf, failures, manyRides, onlyAnswer, rowsOfARequest } from "./overload.ts";
import { exampleFile, gunicorn } from "./peers.ts";
import { type Running, scratchFolder, start } from "./processes.ts";

interface Swapped {
  readonly name: string;
  readonly capacity: number;
  readonly swaps: number;
  readonly steady: OpenResult;
  readonly swapping: OpenResult;
  readonly errors: number;
  /** p99 while models are exchanged, over p99 without. */
  readonly slower: number;
}

const everyMs = 1000;

export const swap: Work = async (options) => {
  using home = scratchFolder();
  const model = join(home.path, "model.bin");
  copyFileSync(exampleFile.linear, model);
  const own: Contestant = {
    name: "trimaran",
    command: trimaran([
      ...[example, "--model", model, "--workers", "2"],
      ...["--home", join(home.path, "home"), "--log-level", "error"],
    ]),
    model: "linear",
  };
  const results: Swapped[] = [];
  results.push(await measure(own, options, (service, count) => exchange(service, model, count)));
  const missing: string[][] = [];
  const name = "Flask + Gunicorn, HUP";
  if (isWanted(name, options)) {
    try {
      const peer = { name, ...(await gunicorn("linear", 2)) };
      results.push(
        await measure(peer, options, async ({ child }) => {
          child.kill("SIGHUP");
        }),
      );
    } catch (error) {
      missing.push([name, (error as Error).message]);
    }
  }
  const [ours, theirs] = results;
  if (ours === undefined) throw new Error("ours was not measured");
  return {
    title: `a new model every second, at half of each one's capacity; ${rowsOfARequest} rows a request, 2 workers, open loop`,
    rows: [
      ["", "requests/s", "swaps", "p99 steady ms", "p99 swapping ms", "×", "failed"],
      ...results.map((each) => [
        each.name,
        shown(each.capacity / 2),
        String(each.swaps),
        ...[each.steady.p99Ms, each.swapping.p99Ms, each.slower].map(shown),
        `${failures(each.swapping)}${each.swapping.refused > 0 ? `, ${each.swapping.refused} refused` : ""}`,
      ]),
      ...missing,
    ],
    data: { services: results },
    targets: [
      { what: "errors", measured: ours.errors, is: "at most", target: 0 },
      { what: "p99 / steady", measured: ours.slower, is: "at most", target: 1.5 },
      ...(theirs === undefined
        ? []
        : [
            {
              what: "p99 / steady, over Gunicorn's",
              measured: ours.slower / theirs.slower,
              is: "at most",
              target: 1,
            } as const,
          ]),
    ],
  };
};

async function measure(
  contestant: Contestant,
  { quick, progress }: WorkOptions,
  another: (service: Running, count: number) => Promise<void>,
): Promise<Swapped> {
  const seconds = quick ? 4 : 15;
  await using service = await start(contestant);
  const body = manyRides();
  const answer = await onlyAnswer(service, body);
  progress(`${contestant.name}: capacity`);
  const capacity = await capacityOf(service, body, quick ? 2 : 5);
  const task = { port: service.port, body, answer, rate: capacity / 2, seconds };
  await openLoop({ ...task, seconds: 1 });
  progress(`${contestant.name}: steady`);
  const steady = await openLoop(task);
  progress(`${contestant.name}: new models`);
  let swaps = 0;
  const begin = performance.now();
  const swapping = (async () => {
    for (let due = begin + everyMs / 2; due < begin + seconds * 1000; due += everyMs) {
      await sleep(Math.max(0, due - performance.now()));
      if (performance.now() > begin + seconds * 1000) return;
      await another(service, swaps + 1);
      swaps++;
    }
  })();
  const loading = openLoop(task);
  const [loaded] = await Promise.all([loading, swapping]);
  return {
    ...{ name: contestant.name, capacity, swaps, steady, swapping: loaded },
    errors: countOf(loaded) + loaded.refused,
    slower: loaded.p99Ms / steady.p99Ms,
  };
}

/** Returns when the new model serves. @throws when it does not */
export async function exchange({ port }: Running, model: string, count: number): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const bytes = Buffer.concat([readFileSync(exampleFile.linear), Buffer.from("\n".repeat(count))]);
  writeFileSync(`${model}.next`, bytes);
  renameSync(`${model}.next`, model);
  const answer = await fetch(`${url}/v2/repository/models/ride-duration/load`, { method: "POST" });
  if (answer.status !== 200) throw new Error(`load was answered with ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (!metrics.includes(`digest="${digest}"`)) throw new Error("the new model does not serve");
}

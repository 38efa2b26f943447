// Memory over many new models in a service that goes on answering: resident size of its processes at first, after warm-up and at the
// end. Every exchange replaces the file, is asked for by the protocol's `load`, which the supervisor makes in two phases (the worker
// stages, then commits), and is followed by answers.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { median, shown } from "../report/statistics.ts";
import { type Contestant, everyWorkerAnswers, example, trimaran } from "./contestants.ts";
import { assertClean, runLoad } from "./generator/load.ts";
import type { Work } from "./outcome.ts";
import { exampleFile } from "./peers.ts";
import { type Running, residentMiBOf, scratchFolder, start, treeOf } from "./processes.ts";
import { exchange } from "./swap.ts";
import { rides } from "./throughput.ts";

/** A collector frees when it likes: a figure is the median of so many exchanges. */
const atOnce = 50;
const quickSwaps = 100;

export const swaps: Work = async ({ quick, progress }) => {
  const count = quick ? quickSwaps : 1000;
  const warmUp = quick ? quickSwaps / 5 : 100;
  using home = scratchFolder();
  const model = join(home.path, "model.bin");
  copyFileSync(exampleFile.linear, model);
  const contestant: Contestant = {
    name: "trimaran",
    command: trimaran([
      ...[example, "--model", model, "--workers", "1"],
      ...["--home", join(home.path, "home"), "--log-level", "error"],
    ]),
    model: "linear",
  };
  await using service = await start(contestant);
  await everyWorkerAnswers(service, rides[0] ?? "");
  const first = longLived(service);
  const resident: (readonly number[])[] = [];
  const times: number[] = [];
  for (let swap = 1; swap <= count; swap++) {
    if (swap % 10 === 0) progress(`${swap} of ${count} models`);
    const began = performance.now();
    await exchange(service, model, swap);
    times.push(performance.now() - began);
    await answers(service);
    resident.push(longLived(service));
  }
  const sum = (each: readonly number[]): number => each.reduce((all, one) => all + one, 0);
  const early = resident.slice(warmUp, warmUp + Math.min(atOnce, count / 4)).map(sum);
  const late = resident.slice(-Math.min(atOnce, count / 4)).map(sum);
  const grown = median(late) / median(early) - 1;
  const parts = (each: readonly number[] = []): string => each.map((one) => one.toFixed(0)).join(" + ");
  return {
    title: `${count} new models in one service of 1 worker, ${shown(median(times))} ms each (median), answers behind every one`,
    rows: [
      ["", "resident MiB", "supervisor + worker"],
      ["at first", shown(sum(first)), parts(first)],
      [`after ${warmUp}`, shown(median(early)), parts(resident[warmUp])],
      ["at the end", shown(median(late)), parts(resident.at(-1))],
      ["grown", `${shown(100 * grown)} %`, ""],
    ],
    data: {
      count,
      warmUp,
      residentMiBAtFirst: sum(first),
      residentMiBAfterWarmUp: median(early),
      residentMiBAtEnd: median(late),
      grown,
    },
    targets: [{ what: "resident size, grown by", measured: grown, is: "at most", target: 0.05 }],
  };
};

/** 100 requests over 4 connections. */
async function answers({ port }: Running): Promise<void> {
  const task = { port, connections: 4, seconds: 10, bodies: rides, answers: null, requests: 100 };
  assertClean("trimaran", await runLoad(task));
}

/** The supervisor and the worker; what is started to prepare a model ends again. */
function longLived({ child }: Running): readonly number[] {
  return treeOf(child.pid ?? 0)
    .slice(0, 2)
    .map(residentMiBOf);
}

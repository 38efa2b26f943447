// Two works in an open loop: twice the load that a service can take, and a new model every second at half of it.
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../scripts/stage.ts";
import { type Contestant, type Running, start } from "./contestants.ts";
import { type LoadResult, runLoad } from "./load.ts";
import { type OpenResult, openLoop } from "./overload.ts";
import { columnModels } from "./two-workers.ts";

export interface Overload {
  readonly capacity: number;
  readonly twice: OpenResult;
  /** From the end of the overload until an answer takes no longer than three times what it does at leisure. */
  readonly recoveryMs: number;
}

export interface Swapping {
  readonly swaps: number;
  readonly capacity: number;
  readonly steady: OpenResult;
  readonly swapping: OpenResult;
}

const rowsPerRequest = 200;

/** 200 rows a request on a forest of 500 trees, two workers. */
export async function measureOverload(seconds: number): Promise<Overload> {
  const home = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
  try {
    const model = join(await columnModels(), "forest500.pkl");
    await using service = await start(ours([model], home));
    const body = JSON.stringify(
      rows().map(({ PULocationID, DOLocationID, trip_distance }) => ({ PULocationID, DOLocationID, trip_distance })),
    );
    await ready(service, body);
    const { port } = service;
    const capacity = await capacityOf(port, body, seconds);
    const leisure = await openLoop({ port, path: "/predict", body, rate: 20, seconds: 1 });
    await openLoop({ port, path: "/predict", body, rate: capacity / 2, seconds: 1 });
    const twice = await openLoop({ port, path: "/predict", body, rate: 2 * capacity, seconds });
    const end = performance.now();
    for (;;) {
      const { p50Ms, failures, refused } = await openLoop({ port, path: "/predict", body, rate: 50, seconds: 0.1 });
      const isClean = refused === 0 && Object.keys(failures).length === 0;
      if ((isClean && p50Ms <= 3 * leisure.p50Ms) || performance.now() - end > 20_000) break;
    }
    return { capacity, twice, recoveryMs: performance.now() - end };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The worked example with 200 rows a request and two workers; every second the model's file is another one. */
export async function measureSwapping(seconds: number): Promise<Swapping> {
  const home = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
  try {
    const model = join(home, "model.bin");
    const from = `${root}examples/ride-duration/lin_reg.bin`;
    copyFileSync(from, model);
    await using service = await start(ours([`${root}examples/ride-duration`, "--model", model], home));
    const body = JSON.stringify(rows());
    await ready(service, body);
    const { port } = service;
    const rate = (await capacityOf(port, body, seconds)) / 2;
    await openLoop({ port, path: "/predict", body, rate, seconds: 2 });
    const steady = await openLoop({ port, path: "/predict", body, rate, seconds });
    let swaps = 0;
    const bytes = readFileSync(from);
    // What stands behind a pickle's end is not read, but it makes another version.
    const timer = setInterval(() => {
      swaps++;
      writeFileSync(`${model}.next`, Buffer.concat([bytes, Buffer.from("\n".repeat(swaps))]));
      renameSync(`${model}.next`, model);
    }, 1000);
    const swapping = await openLoop({ port, path: "/predict", body, rate, seconds });
    clearInterval(timer);
    return { swaps, capacity: rate * 2, steady, swapping };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function ours(args: readonly string[], home: string): Contestant {
  return {
    name: "trimaran",
    command: (port) => [
      ...([process.execPath, `${root}bin/trimaran`, "serve", ...args] as const),
      ...["--workers", "2", "--home", join(home, "home"), "--log-level", "error", "--port", String(port)],
    ],
    env: {},
    answers: "exact",
  };
}

function rows(): readonly Readonly<Record<string, number>>[] {
  const rides = readFileSync(`${root}examples/ride-duration/rides.ndjson`, "utf8").trim().split("\n");
  return Array.from({ length: rowsPerRequest }, (_, at) => JSON.parse(rides[at % rides.length] ?? "{}"));
}

async function ready({ port, child, told }: Running, body: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`trimaran ended: ${told()}`);
    const headers = { "content-type": "application/json", connection: "close" };
    const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: "POST", headers, body }).catch(() => null);
    if (answer?.status === 200) return;
    if (answer !== null && answer.status !== 503) throw new Error(`${answer.status}: ${await answer.text()}`);
    await sleep(50);
  }
  throw new Error("trimaran does not answer");
}

/** Requests a second in a closed loop of 16 connections, after a second of warming up. */
async function capacityOf(port: number, body: string, seconds: number): Promise<number> {
  const run = (time: number): Promise<LoadResult> =>
    runLoad({ port, connections: 16, seconds: time, bodies: [body], answers: null });
  await run(1);
  const { requests, seconds: spent } = await run(seconds);
  return requests / spent;
}

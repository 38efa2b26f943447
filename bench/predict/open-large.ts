// Opening a file of 200 MB in a process of its own: peak memory, time, and the longest pause of its event loop.
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "../../scripts/stage.ts";
import { openService } from "../../src/serving/open-service.ts";

export interface LargeFigures {
  readonly fileMiB: number;
  /** Before anything was read. */
  readonly startMiB: number;
  readonly peakMiB: number;
  readonly openMs: number;
  readonly longestPauseMs: number;
}

/** Measures the file of `madeModels(…, "large")`. */
export async function largeWork(models: string): Promise<LargeFigures & { readonly text: string }> {
  const file = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [file, join(models, "large.joblib")], { cwd: root });
  const figures = JSON.parse(stdout) as LargeFigures;
  const { fileMiB, startMiB, peakMiB, openMs, longestPauseMs } = figures;
  const ratio = (peakMiB - startMiB) / fileMiB;
  const text = `opening a joblib file of ${fileMiB.toFixed(0)} MiB as a service
  ${(openMs / 1000).toFixed(2)} s; peak ${peakMiB.toFixed(0)} MiB, ${ratio.toFixed(2)} × the file above the ${startMiB.toFixed(0)} MiB at the start
  target ≤ 2.5 ×: ${ratio <= 2.5 ? "reached" : "NOT reached"}
  longest pause of the event loop ${longestPauseMs.toFixed(0)} ms, target ≤ 50 ms: ${longestPauseMs <= 50 ? "reached" : "NOT reached"}`;
  return { ...figures, text };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? "";
  const startMiB = peakMiB();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await sleep(20);
  delays.reset();
  const start = performance.now();
  const service = await openService(file);
  await service.answer([new Array(20).fill(0)]);
  const openMs = performance.now() - start;
  await sleep(20);
  const figures = { fileMiB: statSync(file).size / 2 ** 20, startMiB, peakMiB: peakMiB(), openMs };
  console.log(JSON.stringify({ ...figures, longestPauseMs: delays.max / 1e6 } satisfies LargeFigures));
  await service.close();
}

/** The most that was ever resident, as Linux counts it. */
function peakMiB(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN) / 1024;
}

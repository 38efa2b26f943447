// `trimaran tracking` as a process of its own, which can be killed, and the little of the API that its tests need.
import assert from "node:assert/strict";
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../bin/trimaran", import.meta.url));

export interface TrackingProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

/** It may not answer yet. Under this very Node, so that the process which is killed is the one that writes. */
export function spawnTracking(folder: string, store: string): ChildProcessByStdio<null, Readable, Readable> {
  const args = ["tracking", "--port", "0", "--json", "--home", folder, "--backend-store-uri", store];
  return spawn(process.execPath, [launcher, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

export async function startTracking(folder: string, store: string): Promise<TrackingProcess> {
  const child = spawnTracking(folder, store);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, "line"), once(child, "exit").then(() => [null])])) as [string | null];
  if (line === null) throw new Error(`trimaran tracking ended: ${said}`);
  const { url } = JSON.parse(line) as { url: string };
  return { child, url };
}

export async function endTracking({ child }: TrackingProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, "exit");
  child.kill(signal);
  const [code] = (await gone) as [number | null];
  return code;
}

export async function post(url: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

export async function createRun(url: string, experimentId = "0"): Promise<string> {
  const { run } = await post(url, "runs/create", { experiment_id: experimentId, start_time: 1 });
  return (run as { info: { run_id: string } }).info.run_id;
}

export interface RunData {
  readonly metrics?: readonly { readonly key: string; readonly value: number; readonly step?: number | string }[];
  readonly params?: readonly { readonly key: string; readonly value: string }[];
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

export async function runData(url: string, runId: string): Promise<RunData> {
  const answer = await fetch(`${url}/api/2.0/mlflow/runs/get?run_id=${runId}`);
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { run: { data?: RunData } }).run.data ?? {};
}

export async function history(
  url: string,
  runId: string,
  key: string,
): Promise<readonly { readonly value: number; readonly step: number }[]> {
  const answer = await fetch(
    `${url}/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=${key}&max_results=25000`,
  );
  assert.equal(answer.status, 200);
  const { metrics = [] } = (await answer.json()) as { metrics?: { value: number; step?: number | string }[] };
  return metrics.map(({ value, step = 0 }) => ({ value, step: Number(step) }));
}

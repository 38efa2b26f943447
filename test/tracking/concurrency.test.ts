// Several processes on one file: nothing is lost, and a killed one leaves a whole store.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../bin/trimaran", import.meta.url));

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(folder: string): Promise<Server> {
  const args = ["tracking", "--port", "0", "--json", "--home", folder, "--backend-store-uri", folder];
  const child = spawn(launcher, args, { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  return { child, url };
}

async function stop({ child }: Server, signal: NodeJS.Signals): Promise<number | null> {
  const gone = once(child, "exit");
  child.kill(signal);
  const [code] = (await gone) as [number | null];
  return code;
}

async function post(url: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as Record<string, unknown>;
}

test("metrics of 8 clients over two processes are all there, and kill -9 leaves a whole store", {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  const servers = [await start(folder), await start(folder)];
  const [first, second] = servers;
  if (first === undefined || second === undefined) throw new Error("no servers");
  try {
    const { run } = await post(first.url, "runs/create", { experiment_id: "0", start_time: 1 });
    const { run_id } = (run as { info: { run_id: string } }).info;
    const client = async (number: number): Promise<void> => {
      const { url } = number % 2 === 0 ? first : second;
      for (let step = 0; step < 25; step++) {
        await post(url, "runs/log-metric", { run_id, key: `m${number}`, value: step, timestamp: step, step });
        await post(url, "runs/log-metric", {
          run_id,
          key: "all",
          value: number,
          timestamp: step,
          step: step * 8 + number,
        });
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, number) => client(number)));
    await stop(first, "SIGKILL");
    assert.equal(await stop(second, "SIGTERM"), 0);
    const database = new DatabaseSync(join(folder, "trimaran.db"));
    const { count } = database.prepare("SELECT count(*) AS count FROM metrics").get() as { count: number };
    const latest = database.prepare("SELECT key, step FROM latest_metrics ORDER BY key").all();
    const [check] = database.prepare("PRAGMA integrity_check").all();
    database.close();
    assert.equal(count, 8 * 50);
    assert.deepEqual(
      latest.map(({ key, step }) => `${String(key)} ${String(step)}`),
      ["all 199", ...Array.from({ length: 8 }, (_, number) => `m${number} 24`)],
    );
    assert.deepEqual(Object.values(check ?? {}), ["ok"]);
  } finally {
    for (const { child } of servers) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});

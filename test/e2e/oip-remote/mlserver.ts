// The real MLServer with small models, as a resource of tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findPythonEnvironment, makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

export const mlserverPins: PythonPins = {
  name: "mlserver",
  python: "3.12",
  pins: ["mlserver==1.7.1", "mlserver-sklearn==1.7.1", "scikit-learn==1.5.1"],
};

/** Its Python: found, or where the cache of test environments is set (as `.ci/run` sets it) made; else undefined. */
export async function findMlserver(): Promise<string | undefined> {
  const found = findPythonEnvironment(mlserverPins);
  if (found !== undefined || !process.env["TRIMARAN_TEST_CACHE"]) return found;
  return makePythonEnvironment(mlserverPins).catch(() => undefined);
}

export interface Mlserver extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly http: string;
  readonly grpc: string;
  /** Holds `classes/model.pkl`, `duration/model.pkl`, `silent/model.pkl`. */
  readonly folder: string;
}

export async function startMlserver(python: string): Promise<Mlserver> {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-mlserver-"));
  const child = spawn(python, [fileURLToPath(new URL("serve_models.py", import.meta.url)), folder], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, "line", { signal: AbortSignal.timeout(60_000) })) as [string];
    const ports = JSON.parse(line) as { readonly http: number; readonly grpc: number };
    const http = `127.0.0.1:${ports.http}`;
    for (const model of ["classes", "duration", "silent"]) await ready(`http://${http}/v2/models/${model}/ready`);
    await accepts(ports.grpc);
    return { http, grpc: `127.0.0.1:${ports.grpc}`, folder, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ready(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await pause(200);
  }
  throw new Error(`${url} is not ready`);
}

async function accepts(port: number): Promise<void> {
  const { connect } = await import("node:net");
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await pause(200);
  }
  throw new Error("the gRPC port does not open");
}

// The real MLServer with small models, as a resource of tests.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../../scripts/free-ports.ts";
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
  const [http = 0, grpc = 0, metrics = 0] = await freePorts(3);
  const script = fileURLToPath(new URL("serve_models.py", import.meta.url));
  const child = spawn(python, [script, folder, ...[http, grpc, metrics].map(String)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    said = (said + part).slice(-4000);
  });
  const stop = async (): Promise<void> => {
    if (!hasEnded(child)) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const model of ["classes", "duration", "silent"])
      await until(child, () => isReady(`http://127.0.0.1:${http}/v2/models/${model}/ready`));
    await until(child, () => accepts(grpc));
    return { http: `127.0.0.1:${http}`, grpc: `127.0.0.1:${grpc}`, folder, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw new Error(`MLServer is not ready: ${said}`, { cause: error });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Importing scikit-learn and MLServer takes long on a machine that does other things too. */
async function until(child: ChildProcess, check: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 180_000; performance.now() < end; await pause(200)) {
    if (await check()) return;
    if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
  }
  throw new Error("no answer in three minutes");
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
  return answer?.status === 200;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}

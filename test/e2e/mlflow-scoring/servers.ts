// MLflow's own server as a process, over models that its own library logged.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const run = promisify(execFile);

export interface LoggedModels extends AsyncDisposable {
  readonly folder: string;
}

export async function logModels(python: string): Promise<LoggedModels> {
  const place = await mkdtemp(join(tmpdir(), "mlflow-scoring-"));
  const folder = join(place, "models");
  await run(python, [`${here}log_models.py`, folder], { cwd: place, env: environment(place), maxBuffer: 1 << 26 });
  return { folder, [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true }) };
}

export interface PythonServer extends AsyncDisposable {
  readonly url: string;
}

/** Every model under its name, by the app that `mlflow models serve` runs. */
export async function serveModels(python: string, folder: string): Promise<PythonServer> {
  const started = await startModels(python, folder);
  if (typeof started === "string") throw new Error(`MLflow's server does not answer: ${started}`);
  return started;
}

/** The server, or why it does not answer. */
async function startModels(python: string, folder: string): Promise<PythonServer | string> {
  const child = spawn(python, [`${here}serve_models.py`, folder], {
    cwd: join(folder, ".."),
    env: environment(join(folder, "..")),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    errors = (errors + part).slice(-4000);
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (hasEnded()) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const port = await readPort(child).catch((error: Error) => error.message);
  const url = `http://127.0.0.1:${port}`;
  let last = "nothing";
  // Importing MLflow takes long on a machine that does other things too.
  for (const end = performance.now() + 180_000; !hasEnded() && performance.now() < end; ) {
    const signal = AbortSignal.timeout(10_000);
    last = await fetch(`${url}/regressor/ping`, { signal }).then(
      ({ status }) => String(status),
      (error: Error) => String(error.cause ?? error),
    );
    if (last === "200") return { url, [Symbol.asyncDispose]: stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const ended = hasEnded() ? `ended with ${child.exitCode ?? child.signalCode}` : "runs";
  await stop();
  return `it ${ended}, port ${port}, last ${last}, stderr ${errors}`;
}

/** Its output stays open and is read on: a server whose pipe is closed ends with the next line that it prints. */
async function readPort(child: ChildProcess): Promise<number> {
  const lines = createInterface({ input: child.stdout as Readable });
  return await new Promise((tell, fail) => {
    lines.on("line", (line) => {
      const port = /^port (\d+)$/.exec(line)?.[1];
      if (port !== undefined) tell(Number(port));
    });
    lines.on("close", () => fail(new Error("none was told")));
  });
}

/** Runs a script beside this file; what it printed. */
export async function runPython(python: string, script: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(python, [join(here, script), ...args], {
    env: environment(tmpdir()),
    maxBuffer: 1 << 26,
  });
  return stdout;
}

/** Python compiles its imports once, which a start without them takes half a minute for. */
function environment(place: string): NodeJS.ProcessEnv {
  const { PYTHONDONTWRITEBYTECODE: _, ...inherited } = process.env;
  return { ...inherited, MLFLOW_TRACKING_URI: `sqlite:///${place}/mlflow.db`, PYTHONWARNINGS: "ignore" };
}

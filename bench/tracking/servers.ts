// The two servers as their users start them, each with a store and a folder of artifacts of its own, and what they cost.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { freePort } from "../../scripts/free-ports.ts";

export interface ServerPlace {
  readonly folder: string;
  readonly store: string;
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /** From the start of the process to the first answer of /health. */
  readonly startMs: number;
  /** Of all its processes, as the system counts them. */
  residentBytes(): number;
}

export type StartServer = (place: ServerPlace) => Promise<RunningServer>;

export const startOurs: StartServer = ({ folder, store }) =>
  start(folder, (port) => {
    const bin = fileURLToPath(new URL("../../bin/trimaran", import.meta.url));
    const uri = ["--backend-store-uri", `sqlite:///${store}`, "--artifacts-destination", `${folder}/artifacts`];
    return [process.execPath, [bin, "tracking", ...uri, "--port", String(port), "--log-level", "error"]];
  });

/** With the number of workers that it takes by itself. */
export function startTheirs(python: string): StartServer {
  return ({ folder, store }) =>
    start(folder, (port) => {
      const uri = ["--backend-store-uri", `sqlite:///${store}`, "--artifacts-destination", `${folder}/artifacts`];
      return [python, ["-m", "mlflow", "server", ...uri, "--host", "127.0.0.1", "--port", String(port)]];
    });
}

/** Groups of processes that outlive nobody: not a bench that is stopped, either. */
const groups = new Set<number>();
process.once("exit", () => {
  for (const group of groups) process.kill(-group, "SIGKILL");
});
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => process.exit(code));

async function start(folder: string, command: (port: number) => [string, string[]]): Promise<RunningServer> {
  const port = await freePort();
  const [program, args] = command(port);
  const env = { ...process.env, HOME: folder, MLFLOW_DISABLE_TELEMETRY: "true", GIT_PYTHON_REFRESH: "quiet" };
  const began = performance.now();
  const child = spawn(program, args, { cwd: folder, env, stdio: "ignore", detached: true });
  if (child.pid !== undefined) groups.add(child.pid);
  const url = `http://127.0.0.1:${port}`;
  try {
    await healthy(url, child);
  } catch (error) {
    await stop(child);
    throw error;
  }
  const startMs = performance.now() - began;
  const residentBytes = (): number => treeOf(child.pid ?? 0).reduce((sum, pid) => sum + residentOf(pid), 0);
  return { url, startMs, residentBytes, [Symbol.asyncDispose]: () => stop(child) };
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  for (const end = performance.now() + 180_000; performance.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`the server left with exit code ${child.exitCode}`);
    try {
      if ((await fetch(`${url}/health`)).status === 200) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  throw new Error("the server does not answer");
}

/** Its whole group of processes. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode !== null) {
    groups.delete(child.pid);
    return;
  }
  const left = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await left;
  groups.delete(child.pid);
}

function treeOf(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const parent = /\) \S (\d+)/.exec(read(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

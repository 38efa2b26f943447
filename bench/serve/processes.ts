// The services as processes: each the leader of a group of its own, so that whatever it starts ends with it, also when the bench
// is interrupted or fails.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../scripts/free-ports.ts";
import type { Contestant } from "./contestants.ts";

export interface Running extends AsyncDisposable {
  readonly contestant: Contestant;
  readonly port: number;
  readonly ports: readonly number[];
  readonly child: ChildProcess;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  /** The end of what it wrote to stderr. */
  readonly told: () => string;
}

const groups = new Set<number>();
const folders = new Set<string>();
let isWatching = false;

export interface Scratch extends Disposable {
  readonly path: string;
}

/** A folder that is gone in the end. */
export function scratchFolder(): Scratch {
  cleanUpAtExit();
  const path = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
  folders.add(path);
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
      folders.delete(path);
    },
  };
}

export async function start(contestant: Contestant): Promise<Running> {
  cleanUpAtExit();
  const ports = await freePorts(3);
  const [port = 0] = ports;
  const [program, ...args] = contestant.command(ports);
  // Some machines tell Python to keep no compiled files, which would make each of its starts slower than a user's.
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  const startedAt = performance.now();
  const child = spawn(program, args, {
    env: { ...env, ...contestant.env?.(ports) },
    stdio: ["ignore", "ignore", contestant.isLoud ? "ignore" : "pipe"],
    detached: true,
  });
  const group = child.pid ?? 0;
  if (group > 0) groups.add(group);
  const closed = once(child, "exit").catch(() => {});
  let told = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-2000);
  });
  return {
    contestant,
    port,
    ports,
    child,
    startedAt,
    told: () => told,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await closed;
      clearTimeout(late);
      child.stderr?.destroy();
      killGroup(group);
    },
  };
}

/** What another program says on stdout. @throws when it fails */
export async function outputOf(command: readonly string[], cwd: string): Promise<string> {
  cleanUpAtExit();
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const group = child.pid ?? 0;
  if (group > 0) groups.add(group);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  killGroup(group);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${text.slice(-500)}`);
  return text;
}

/** The process and everything below it. */
export function treeOf(pid: number): readonly number[] {
  const text = readOr("", `/proc/${pid}/task/${pid}/children`);
  return [pid, ...text.split(" ").filter(Boolean).map(Number).flatMap(treeOf)];
}

/** CPU of the tree since it started, and of those of it that ended. */
export function cpuMsOf(pid: number): number {
  return treeOf(pid).reduce((sum, each) => {
    const fields = readOr("", `/proc/${each}/stat`)
      .replace(/^.*\) /, "")
      .split(" ");
    return sum + fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field) * 10, 0);
  }, 0);
}

/** What the process takes of the machine's memory: pages that are shared count in parts. @throws without /proc */
export function pssMiBOf(pid: number): number {
  return kilobytes(`/proc/${pid}/smaps_rollup`, "Pss") / 1024;
}

/** @throws without /proc */
export function residentMiBOf(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmRSS") / 1024;
}

/** A process that has just ended takes nothing. */
function kilobytes(path: string, name: string): number {
  if (!existsSync("/proc/self/stat")) throw new Error("memory is read from /proc, which is not here");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readOr("", path))?.[1] ?? 0);
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

function killGroup(group: number): void {
  if (!groups.delete(group)) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nobody of it is left.
  }
}

function cleanUpAtExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.on("exit", () => {
    for (const group of groups) killGroup(group);
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
}

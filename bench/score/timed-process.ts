// One process from start to exit: how long it took and the most memory that it had.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export interface TimedProcess {
  readonly seconds: number;
  /** Of the process alone, in MiB; NaN where the system does not tell. */
  readonly peakMib: number;
  readonly stdout: string;
}

export interface TimedOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Kills it with SIGKILL when true; asked some times a second. @default it ends by itself */
  readonly killWhen?: () => boolean;
}

const everyMs = 25;

/** @throws Error when it fails, and was not killed on purpose */
export async function timedProcess(command: readonly string[], options: TimedOptions = {}): Promise<TimedProcess> {
  const [file = "", ...args] = command;
  const start = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: options.env ?? process.env });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    texts.stdout += text;
  });
  child.stderr.on("data", (text) => {
    texts.stderr += text;
  });
  let peakKib = Number.NaN;
  let isKilled = false;
  const timer = setInterval(() => {
    peakKib = peakOf(child.pid) ?? peakKib;
    if (options.killWhen?.() !== true) return;
    isKilled = true;
    child.kill("SIGKILL");
  }, everyMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0 && !isKilled) throw new Error(`${command.join(" ")}: exit code ${code}\n${texts.stderr}`);
  return { seconds, peakMib: peakKib / 1024, stdout: texts.stdout };
}

/** The kernel's own high-water mark. */
function peakOf(pid: number | undefined): number | null {
  try {
    const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kib === undefined ? null : Number(kib);
  } catch {
    return null;
  }
}

// `bin/trimaran` as a real process: its exit code, what it said, and what it cost.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

export interface SpawnOptions {
  readonly stdin?: AsyncIterable<string> | string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with all of stdout and stderr so far. */
  readonly onText?: (text: string, child: ChildProcess) => void;
  /** How much of stdout is kept. @default all */
  readonly keepChars?: number;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutLines: number;
  /** Peak resident memory in bytes; 0 when a signal killed the process. */
  readonly peakBytes: number;
  /** Time on a processor, which says more than the clock where tests run beside it. */
  readonly cpuMs: number;
  readonly elapsedMs: number;
}

/** Tells on descriptor 3 what the process cost, at its end. */
const meter = `data:text/javascript,import { writeSync } from "node:fs";
process.on("exit", () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify([maxRSS * 1024, (userCPUTime + systemCPUTime) / 1000])); });`.replaceAll("\n", " ");

export async function spawnCli(argv: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  const start = performance.now();
  const args = ["--import", meter, `${root}bin/trimaran`, ...argv];
  const env = { ...process.env, NO_COLOR: "1", NODE_TEST_CONTEXT: undefined, ...options.env };
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  options.onStart?.(child);
  const texts = { stdout: "", stderr: "", cost: "" };
  let stdoutLines = 0;
  const listen = (name: keyof typeof texts, stream: NodeJS.ReadableStream): void => {
    stream.setEncoding("utf8").on("data", (text: string) => {
      if (name === "stdout") for (const char of text) if (char === "\n") stdoutLines++;
      texts[name] = (texts[name] + text).slice(-(options.keepChars ?? Number.MAX_SAFE_INTEGER));
      options.onText?.(`${texts.stdout}${texts.stderr}`, child);
    });
  };
  listen("stdout", child.stdout as NodeJS.ReadableStream);
  listen("stderr", child.stderr as NodeJS.ReadableStream);
  listen("cost", child.stdio[3] as NodeJS.ReadableStream);
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (code, signal) => resolve([code, signal]));
  });
  await feed(child, options.stdin ?? "");
  const [code, signal] = await ended;
  const [peakBytes = 0, cpuMs = 0] = texts.cost === "" ? [] : (JSON.parse(texts.cost) as number[]);
  const { stdout, stderr } = texts;
  return { code, signal, stdout, stderr, stdoutLines, peakBytes, cpuMs, elapsedMs: performance.now() - start };
}

/** A process that does not read its input to the end is no failure here. */
async function feed(child: ChildProcess, input: AsyncIterable<string> | string): Promise<void> {
  const { stdin } = child;
  if (stdin === null) return;
  stdin.on("error", () => {});
  for await (const text of typeof input === "string" ? [input] : input) {
    if (stdin.destroyed || child.exitCode !== null) break;
    if (stdin.write(text)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const event of ["drain", "error", "close"]) stdin.off(event, go);
        resolve();
      };
      for (const event of ["drain", "error", "close"]) stdin.once(event, go);
    });
  }
  stdin.end();
}

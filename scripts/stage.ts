// One stage of `npm test`: a command of this repository, run to its end, with its seconds.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

/** The root of the repository, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../", import.meta.url));

export interface Stage {
  readonly name: string;
  /** Run one after the other; the first that fails ends the stage. */
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
}

export interface StageResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
}

/** Runs a stage with its output on ours. */
export async function runStage(stage: Stage): Promise<StageResult> {
  const start = performance.now();
  let ok = true;
  for (const command of stage.commands) {
    ok = (await exitCode(command)) === 0;
    if (!ok) break;
  }
  const result = { name: stage.name, ok, seconds: (performance.now() - start) / 1000 };
  console.log(stageLine(result));
  return result;
}

export function stageLine({ name, ok, seconds }: StageResult): string {
  return `${ok ? "ok  " : "FAIL"} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`;
}

function exitCode([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // `node` is the one that runs this file, whatever PATH says; the tools are those of the lock file.
  const path = `${root}node_modules/.bin:${process.env["PATH"] ?? ""}`;
  const child = spawn(program === "node" ? process.execPath : program, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "inherit", "inherit"],
  });
  child.on("error", reject);
  child.on("close", (code) => resolve(code ?? 1));
  return promise;
}

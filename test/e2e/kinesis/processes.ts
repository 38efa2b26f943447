// The processes of the Kinesis suite: the emulator with its client, and the function as a command.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { root } from "../spawn-cli.ts";

export interface Streams extends AsyncDisposable {
  readonly url: string;
  call<T>(command: string, ...args: readonly unknown[]): Promise<T>;
}

export async function startStreams(python: string): Promise<Streams> {
  const script = `${root}test/e2e/kinesis/streams.py`;
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the emulator ended");
    return JSON.parse(value);
  };
  const { url } = (await next()) as { url: string };
  return {
    url,
    async call<T>(command: string, ...args: readonly unknown[]): Promise<T> {
      child.stdin.write(`${JSON.stringify([command, args])}\n`);
      return (await next()) as T;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

export interface FunctionProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
}

export async function startFunction(
  target: string,
  env: Readonly<Record<string, string>>,
  folder: string = root,
): Promise<FunctionProcess> {
  const { RUN_ID: _, MODEL_URI: __, ...inherited } = process.env;
  const launcher = folder === root ? `${root}bin/trimaran` : "node_modules/trimaran/bin/trimaran";
  const child = spawn(process.execPath, [launcher, "lambda", target, "--port", "0", "--json"], {
    cwd: folder,
    env: { ...inherited, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "eu-west-1", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const { url, port } = JSON.parse(line) as { url: string; port: number };
  return { url, port, child, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  child.kill("SIGTERM");
  await exited;
}

// The process around one call of the command line: its streams, its signals, its exit code.
import process from "node:process";
import { exitDone, exitInterrupted } from "./exit-code.ts";
import type { StopSignal } from "./host.ts";
import { run } from "./run.ts";
import { isClosed } from "./write-output.ts";

export async function main(): Promise<void> {
  const stop = new AbortController();
  let isClosedOutput = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      // Any other failure (a full disk) is told by whoever was writing.
      if (!isClosed(error)) return;
      if (stream === process.stdout) isClosedOutput = true;
      stop.abort("SIGTERM" satisfies StopSignal);
    });
  }
  let firstSignalAt = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // A second one does not wait for what the first one is finishing. One Ctrl-C may come twice: from the terminal and from npm.
      if (firstSignalAt > 0 && performance.now() - firstSignalAt > oneKeyPressMs) process.exit(exitInterrupted);
      firstSignalAt ||= performance.now();
      stop.abort(signal satisfies StopSignal);
    });
  }
  const { stdin, stdout, stderr, env } = process;
  const code = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: stop.signal, onReload });
  // Pipes are written asynchronously: what is still on its way out must arrive before the process ends.
  await Promise.all([flushed(stdout), flushed(stderr)]);
  process.exit(isClosedOutput ? exitDone : code);
}

const oneKeyPressMs = 500;

function onReload(listener: () => void): Disposable {
  process.on("SIGHUP", listener);
  return { [Symbol.dispose]: () => void process.removeListener("SIGHUP", listener) };
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}

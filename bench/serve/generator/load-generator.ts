// A load generator in a process of its own, so that what the bench does beside it costs no request anything.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { GrpcTask } from "./grpc-load.ts";
import type { LoadResult, LoadTask } from "./load.ts";

/** What a service may take to answer the last requests of a task. */
const patienceMs = 60_000;

export class LoadGenerator implements Disposable {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL("generator-main.ts", import.meta.url)), {
    stdio: "inherit",
  });

  /** @throws when the generator ends or nothing answers any longer */
  run(task: LoadTask | GrpcTask): Promise<LoadResult> {
    const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
    const ended = (): void => reject(new Error("the load generator ended"));
    const late = setTimeout(() => reject(new Error("no answer for a minute")), task.seconds * 1000 + patienceMs);
    this.#child.once("message", resolve).once("exit", ended);
    this.#child.send(task);
    return promise.finally(() => {
      clearTimeout(late);
      this.#child.off("message", resolve).off("exit", ended);
    });
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

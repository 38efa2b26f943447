// What a load generator is told to do, and what it found.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export type Work = "create-run" | "log-metric" | "log-batch" | "get-run" | "search" | "health";

export type GeneratorTask =
  | {
      readonly kind: "load";
      readonly url: string;
      readonly work: Work;
      readonly seconds: number;
      readonly connections: number;
      /** A request that takes longer is given up, and counts as failed. @default it may take as long as it likes */
      readonly timeoutMs?: number;
      /** Of a search: `filter`, `order_by`. */
      readonly search?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "artifact"; readonly url: string; readonly bytes: number; readonly direction: "up" | "down" }
  /** Pages until there are so many points. */
  | { readonly kind: "history"; readonly url: string; readonly points: number };

/** Times in milliseconds. */
export interface TaskResult {
  readonly ms: number;
  readonly requests: number;
  readonly failures: number;
  /** What the first of them answered. */
  readonly problem?: string | undefined;
  /** Of an artifact; of a history its points. */
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export class Generator implements Disposable {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL("generator-main.ts", import.meta.url)), {
    stdio: "inherit",
  });

  /** @throws when the generator ends or a request fails as a whole */
  run(task: GeneratorTask): Promise<TaskResult> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult>();
    const ended = (): void => reject(new Error("the load generator ended"));
    const told = (result: TaskResult | { readonly error: string }): void => {
      if ("error" in result) reject(new Error(result.error));
      else resolve(result);
    };
    this.#child.once("message", told).once("exit", ended);
    this.#child.send(task);
    return promise.finally(() => this.#child.off("exit", ended));
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

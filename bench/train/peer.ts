// The Python process that fits scikit-learn's models to our rows: `peers/train_peer.py`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TrainingMatrix } from "../../src/train/training-matrix.ts";

export interface Fitted {
  readonly seconds: number;
  /** On the validation rows: RMSE, or log loss. */
  readonly score: number;
}

export interface TrainPeer extends AsyncDisposable {
  readonly version: string;
  ask(command: object): Promise<Readonly<Record<string, unknown>>>;
}

/** `threads`: what its BLAS and OpenMP may use. */
export async function startTrainPeer(python: string, threads: number): Promise<TrainPeer> {
  const script = fileURLToPath(new URL("../peers/train_peer.py", import.meta.url));
  const most = String(threads);
  const env = { ...process.env, OMP_NUM_THREADS: most, OPENBLAS_NUM_THREADS: most };
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Readonly<Record<string, unknown>>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the Python peer ended");
    return JSON.parse(value) as Readonly<Record<string, unknown>>;
  };
  const { sklearn } = await read();
  return {
    version: String(sklearn),
    async ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return await read();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
}

export function writePart(folder: string, { rows, targets }: Pick<TrainingMatrix, "rows" | "targets">): void {
  mkdirSync(folder, { recursive: true });
  const parts = { starts: rows.starts, columns: rows.columns, values: rows.values, targets };
  for (const [name, values] of Object.entries(parts)) writeFileSync(join(folder, name), values);
  writeFileSync(join(folder, "width"), Int32Array.of(rows.width));
}

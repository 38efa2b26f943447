// onnxruntime-node as a peer. It is installed into the test cache and never into this package.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { testCache } from "../../scripts/python-environment.ts";
import type { Way } from "./ways.ts";

const version = "1.30.0";

/** The part of its face that is used here. */
interface OnnxRuntime {
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(file: string, options: object): Promise<OnnxSession>;
  };
}
interface OnnxSession {
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
}

/** Null, with the reason told, where it does not install. */
export async function openOnnxRuntime(say: (text: string) => void): Promise<OnnxRuntime | null> {
  const folder = join(testCache(), `bench-onnxruntime-node-${version}`);
  try {
    if (!existsSync(join(folder, "node_modules", "onnxruntime-node"))) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
      const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
      await promisify(execFile)("npm", [...args, `onnxruntime-node@${version}`], { cwd: folder });
    }
    return createRequire(join(folder, "package.json"))("onnxruntime-node") as OnnxRuntime;
  } catch (cause) {
    say(`onnxruntime-node is not compared: ${String(cause).split("\n", 1)[0]}`);
    return null;
  }
}

export interface OnnxRows {
  readonly values: Float64Array;
  readonly width: number;
}

/** Its ways of asking one model, on one thread; the input tensors are made beforehand. */
export async function onnxWays(
  runtime: OnnxRuntime,
  file: string,
  { values, width }: OnnxRows,
): Promise<{ readonly one: Way; readonly batch: Way }> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ["cpu"] };
  const session = await runtime.InferenceSession.create(file, options);
  const rowCount = values.length / width;
  const numbers = Float32Array.from(values);
  const all = { x: new runtime.Tensor("float32", numbers, [rowCount, width]) };
  const single = Array.from({ length: rowCount }, (_, row) => {
    const cells = numbers.slice(row * width, (row + 1) * width);
    return { x: new runtime.Tensor("float32", cells, [1, width]) };
  });
  return {
    one: {
      name: "onnxruntime-node, awaited",
      run: async (seconds) => {
        const start = performance.now();
        let done = 0;
        while (performance.now() - start < seconds * 1000) await session.run(single[done++ % rowCount]!);
        return { rows: done, seconds: (performance.now() - start) / 1000 };
      },
    },
    batch: {
      name: "onnxruntime-node",
      run: async (seconds) => {
        const start = performance.now();
        let done = 0;
        for (; performance.now() - start < seconds * 1000; done += rowCount) await session.run(all);
        return { rows: done, seconds: (performance.now() - start) / 1000 };
      },
    },
  };
}

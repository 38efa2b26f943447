// Brings ONNX Runtime: the package `onnxruntime-node`, which users install beside Trimaran, or in the folder that they work in.
import { createRequire } from "node:module";
import { join } from "node:path";
import { trimaranError } from "../base/errors.ts";
import { isOnnxRuntime, type OnnxRuntime } from "../model/onnx-runtime.ts";

/** @throws ONNX_RUNTIME when it is not installed, or is not what it says */
export function findOnnxRuntime(name: string): OnnxRuntime {
  let cause: unknown;
  for (const place of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      const found: unknown = createRequire(place)("onnxruntime-node");
      if (isOnnxRuntime(found)) return found;
    } catch (error) {
      cause ??= error;
    }
  }
  throw trimaranError("ONNX_RUNTIME", { name }, { cause });
}

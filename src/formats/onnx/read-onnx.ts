// An ONNX file as it is handed on: its bytes, what it says of itself, and the port that it has without being opened.
import type { ModelInput } from "../../data/model-input.ts";
import { onnxInput } from "./onnx-input.ts";
import { onnxMethods } from "./onnx-output.ts";
import { type OnnxLimits, type OnnxSignature, readSignature } from "./read-signature.ts";

/** An ONNX file that has been read but not opened. */
export interface OnnxSource {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly signature: OnnxSignature;
  readonly input: ModelInput;
  /** Its default first. */
  readonly methods: readonly string[];
  /** One line an operator: `ai.onnx.ml.OneHotEncoder, 4 times`. */
  readonly operations: readonly string[];
  readonly notes: readonly string[];
}

/** @throws FORMAT_DAMAGED, FORMAT_LIMIT, ONNX_EXTERNAL, ONNX_SIGNATURE */
export function readOnnx(bytes: Uint8Array, name: string, limits: OnnxLimits = {}): OnnxSource {
  const signature = readSignature(bytes, name, limits);
  const { input } = onnxInput(signature, name);
  const { methods, notes } = onnxMethods(signature);
  const operations = [...signature.operators].map(([operator, count]) =>
    count === 1 ? operator : `${operator}, ${count} times`,
  );
  return { name, bytes, signature, input, methods: methods.map(({ method }) => method), operations, notes };
}

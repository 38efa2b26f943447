// The signature of an MLmodel: what a model takes and answers, as MLflow's schema classes write it (mlflow/types/schema.py):
//   columns  [{"name": "age", "type": "long", "required": true}, …]; MLflow 1 has `optional` or nothing instead of `required`
//   tensors  [{"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}, …]
//   params   [{"name": "threshold", "type": "double", "default": 0.5, "shape": null}, …]
// Everything in it was written by the file's author. It names and types columns; it never changes what a model computes.
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { MLmodel } from "./mlmodel.ts";

export type SignatureField =
  | {
      readonly kind: "column";
      readonly name: string | null;
      /** `double`, `long`, `string`, …; also one that we do not know. */
      readonly type: string;
      readonly required: boolean;
    }
  | {
      readonly kind: "tensor";
      readonly name: string | null;
      /** A numpy type: `float64`. */
      readonly dtype: string;
      /** -1 is any size. */
      readonly shape: readonly number[];
    };

export interface SignatureParam {
  readonly name: string;
  readonly type: string;
}

/** Null: the MLmodel does not say. */
export interface Signature {
  readonly inputs: readonly SignatureField[] | null;
  readonly outputs: readonly SignatureField[] | null;
  readonly params: readonly SignatureParam[] | null;
}

/** @throws MLMODEL_INVALID */
export function readSignature(mlmodel: MLmodel, name: string): Signature {
  const { inputs, outputs, params } = mlmodel.signature;
  return {
    inputs: readFields(inputs, { name, part: "inputs" }),
    outputs: readFields(outputs, { name, part: "outputs" }),
    params: readParams(params, name),
  };
}

/** `age: long`, `tensor float64[-1, 4]`; for people. */
export function describeField(field: SignatureField): string {
  const named = field.name === null ? "" : `${field.name}: `;
  if (field.kind === "tensor") return `${named}tensor ${field.dtype}[${field.shape.join(", ")}]`;
  return `${named}${field.type}${field.required ? "" : ", optional"}`;
}

interface Place {
  readonly name: string;
  readonly part: string;
}

function readFields(text: string | null, at: Place): readonly SignatureField[] | null {
  return readList(text, at)?.map((item) => readField(item, at)) ?? null;
}

function readField(item: unknown, at: Place): SignatureField {
  if (!isRecord(item)) throw invalid(at, "one of them is no object");
  const { name = null, type, optional, required } = item;
  if (name !== null && typeof name !== "string") throw invalid(at, "one has a name that is no string");
  if (typeof type !== "string") throw invalid(at, "one has no type");
  if (type !== "tensor") {
    return { kind: "column", name, type, required: typeof required === "boolean" ? required : optional !== true };
  }
  const spec = item["tensor-spec"];
  if (!isRecord(spec)) throw invalid(at, "a tensor has no tensor-spec");
  const { dtype, shape } = spec;
  if (typeof dtype !== "string" || !Array.isArray(shape) || !shape.every(Number.isSafeInteger)) {
    throw invalid(at, "a tensor-spec has no dtype or no shape");
  }
  return { kind: "tensor", name, dtype, shape: shape as readonly number[] };
}

function readParams(text: string | null, name: string): readonly SignatureParam[] | null {
  const at = { name, part: "params" };
  const items = readList(text, at);
  if (items === null) return null;
  return items.map((item): SignatureParam => {
    const { name: param, type, dtype } = isRecord(item) ? item : {};
    const written = type ?? dtype;
    if (typeof param !== "string" || typeof written !== "string") throw invalid(at, "one has no name or no type");
    return { name: param, type: written };
  });
}

function readList(text: string | null, at: Place): readonly unknown[] | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(at, "they are not JSON", cause);
  }
  if (value === null) return null;
  if (!Array.isArray(value)) throw invalid(at, "they are no list");
  return value;
}

function invalid({ name, part }: Place, problem: string, cause?: unknown): TrimaranError {
  return trimaranError("MLMODEL_INVALID", { name, problem: `the ${part} of its signature: ${problem}` }, { cause });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

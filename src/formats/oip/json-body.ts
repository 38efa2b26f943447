// Requests and answers as JSON values and as JSON text. Tensors whose data lies behind the JSON are told by `binary_data_size`.
import { doubleText } from "../../data/number-text.ts";
import type { TensorDatatype } from "./datatype.ts";
import type { InferRequest, InferResponse, RequestedOutput } from "./infer.ts";
import {
  checkCount,
  checkDatatype,
  checkName,
  checkShape,
  checkTensors,
  dataProblem,
  type OipLimits,
  type OipParameter,
  type OipParameters,
  type OipTensor,
  oipProblem,
  parameterOf,
  readParameters,
} from "./tensor.ts";
import type { DatatypeData } from "./tensor-data.ts";
import { dataFromJson, dataJsonText } from "./tensor-json.ts";

/** A tensor of which all is known but its data. */
export interface RawTensor {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  /** `binary_data_size` as it came. */
  readonly size: OipParameter;
}

export interface ReadBodyOptions extends OipLimits {
  /** The data of the next tensor that came as raw bytes. Without it such a tensor is refused. */
  readonly raw?: (tensor: RawTensor) => DatatypeData;
}

/**
 * JSON text as the protocol needs it: whole numbers beyond 2^53 become bigint. Duplicate keys are the caller's affair: the last
 * one counts.
 * @throws OIP_REQUEST when it is not JSON
 */
export function parseOipJson(text: string): unknown {
  try {
    // Reading every number's own text is slow, and whole numbers of 16 digits are rare.
    if (!/(?<![.\d])\d{16,}(?![.\deE])/.test(text)) return JSON.parse(text);
    const revive = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
      if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
      const source = context?.source ?? "";
      // No integer of the protocol has more digits, and reading very long ones is slow.
      return source.length <= 30 && /^-?\d+$/.test(source) ? BigInt(source) : value;
    };
    return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
  } catch (cause) {
    // What the parser says holds pieces of the text.
    if (cause instanceof SyntaxError) throw oipProblem("the body is no JSON");
    throw cause;
  }
}

/** @throws OIP_* */
export function readInferRequest(json: unknown, options: ReadBodyOptions = {}): InferRequest {
  const body = objectOf(json, "the body");
  return {
    id: textOf(body, "id", "the request"),
    parameters: readParameters(fieldOf(body, "parameters"), "the request"),
    inputs: readTensors(fieldOf(body, "inputs"), "input", options),
    outputs: readOutputs(fieldOf(body, "outputs"), options),
    raw: false,
  };
}

/** @throws OIP_* */
export function readInferResponse(json: unknown, options: ReadBodyOptions = {}): InferResponse {
  const body = objectOf(json, "the body");
  return {
    modelName: textOf(body, "model_name", "the answer") ?? "",
    modelVersion: textOf(body, "model_version", "the answer"),
    id: textOf(body, "id", "the answer"),
    parameters: readParameters(fieldOf(body, "parameters"), "the answer"),
    outputs: readTensors(fieldOf(body, "outputs"), "output", options),
  };
}

function readTensors(given: unknown, what: "input" | "output", options: ReadBodyOptions): readonly OipTensor[] {
  if (!Array.isArray(given)) throw oipProblem(`\`${what}s\` is no list`);
  if (given.length === 0 && what === "input") throw oipProblem("`inputs` is empty");
  checkCount(given.length, what, options);
  const tensors = given.map((tensor: unknown, at) =>
    readTensor(objectOf(tensor, `${what} ${at}`), `${what} ${at}`, options),
  );
  checkTensors(
    tensors.map(({ name }) => name),
    what,
    options,
  );
  return tensors;
}

function readTensor(given: JsonObject, what: string, options: ReadBodyOptions): OipTensor {
  const name = checkName(fieldOf(given, "name"), what);
  const datatype = checkDatatype(name, fieldOf(given, "datatype"));
  const shape = checkShape(name, fieldOf(given, "shape"), options);
  const { size, parameters } = splitSize(readParameters(fieldOf(given, "parameters"), name));
  const data = fieldOf(given, "data");
  if (size === undefined)
    return { name, datatype, shape, parameters, data: dataFromJson({ name, datatype, shape }, data) };
  if (data !== undefined && data !== null) throw dataProblem(name, "it comes as `data` and as raw bytes");
  if (options.raw === undefined) throw dataProblem(name, "it has `binary_data_size`, but no bytes follow the JSON");
  return { name, datatype, shape, parameters, data: options.raw({ name, datatype, shape, size }) };
}

/** The size says where the data lies; it is no property of the tensor. */
function splitSize(given: OipParameters): {
  readonly size: OipParameter | undefined;
  readonly parameters: OipParameters;
} {
  const size = parameterOf(given, "binary_data_size");
  if (size === undefined) return { size, parameters: given };
  return { size, parameters: Object.fromEntries(Object.entries(given).filter(([key]) => key !== "binary_data_size")) };
}

function readOutputs(given: unknown, limits: OipLimits): readonly RequestedOutput[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw oipProblem("`outputs` is no list");
  checkCount(given.length, "output", limits);
  const outputs = given.map((item: unknown, at) => {
    const output = objectOf(item, `output ${at}`);
    const name = checkName(fieldOf(output, "name"), `output ${at}`);
    return { name, parameters: readParameters(fieldOf(output, "parameters"), name) };
  });
  checkTensors(
    outputs.map(({ name }) => name),
    "output",
    limits,
  );
  return outputs;
}

type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw oipProblem(`${what} is no object`);
}

/** A field by its own name; one that is not there is undefined, whatever `Object.prototype` has. */
export function fieldOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function textOf(object: JsonObject, name: string, what: string): string | null {
  const value = fieldOf(object, name);
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw oipProblem(`\`${name}\` of ${what} is no string`);
}

/** The text of a tensor; with a size instead of its data, that says how many bytes of it follow. */
export function tensorText(tensor: OipTensor, size: number | null): string {
  const { name, datatype, shape, parameters } = tensor;
  const head = [`"name":${JSON.stringify(name)}`, `"shape":[${shape.join(",")}]`, `"datatype":"${datatype}"`];
  const all = size === null ? parameters : { ...parameters, binary_data_size: size };
  if (Object.keys(all).length > 0) head.push(`"parameters":${parametersText(all)}`);
  if (size === null) head.push(`"data":${dataJsonText(tensor)}`);
  return `{${head.join(",")}}`;
}

export function requestText(request: InferRequest, tensors: readonly string[]): string {
  const parts: string[] = [];
  if (request.id !== null) parts.push(`"id":${JSON.stringify(request.id)}`);
  if (Object.keys(request.parameters).length > 0) parts.push(`"parameters":${parametersText(request.parameters)}`);
  parts.push(`"inputs":[${tensors.join(",")}]`);
  if (request.outputs.length > 0) {
    const outputs = request.outputs.map(({ name, parameters }) => {
      const rest = Object.keys(parameters).length > 0 ? `,"parameters":${parametersText(parameters)}` : "";
      return `{"name":${JSON.stringify(name)}${rest}}`;
    });
    parts.push(`"outputs":[${outputs.join(",")}]`);
  }
  return `{${parts.join(",")}}`;
}

export function responseText(response: InferResponse, tensors: readonly string[]): string {
  const parts = [`"model_name":${JSON.stringify(response.modelName)}`];
  if (response.modelVersion !== null) parts.push(`"model_version":${JSON.stringify(response.modelVersion)}`);
  if (response.id !== null) parts.push(`"id":${JSON.stringify(response.id)}`);
  if (Object.keys(response.parameters).length > 0) parts.push(`"parameters":${parametersText(response.parameters)}`);
  parts.push(`"outputs":[${tensors.join(",")}]`);
  return `{${parts.join(",")}}`;
}

function parametersText(parameters: OipParameters): string {
  const entries = Object.entries(parameters).map(([name, value]) => {
    const text =
      typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? doubleText(value) : String(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${entries.join(",")}}`;
}

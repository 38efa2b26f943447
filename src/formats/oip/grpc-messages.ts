// Messages of the gRPC service, as @grpc/proto-loader gives and takes them with `oipLoaderOptions`, ⇄ requests and answers.
// The data of a tensor stands in `contents` under the field of its datatype, or as bytes in `raw_*_contents`: one for each tensor
// without contents, in order.
import { trimaranError } from "../../base/errors.ts";
import { datatypeFacts, type TensorDatatype } from "./datatype.ts";
import type { InferRequest, InferResponse } from "./infer.ts";
import { fieldOf, objectOf } from "./json-body.ts";
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
  product,
} from "./tensor.ts";
import { type DatatypeData, isBigIntData, isBytesData, newBigInts, newNumbers } from "./tensor-data.ts";
import { dataFromRaw, dataToRaw, textOrBytes } from "./tensor-raw.ts";

type GrpcMessage = Readonly<Record<string, unknown>>;

export interface NamedInferRequest extends InferRequest {
  readonly modelName: string;
  /** "" when the server chooses. */
  readonly modelVersion: string;
}

/** @throws OIP_* */
export function inferRequestFromMessage(given: unknown, limits: OipLimits = {}): NamedInferRequest {
  const message = objectOf(given, "the request");
  const raw = listOf(message, "raw_input_contents");
  const inputs = tensorsOf(listOf(message, "inputs"), { raw, what: "input", limits });
  if (inputs.length === 0) throw oipProblem("`inputs` is empty");
  const asked = listOf(message, "outputs");
  checkCount(asked.length, "output", limits);
  const outputs = asked.map((each, at) => {
    const output = objectOf(each, `output ${at}`);
    return { name: checkName(fieldOf(output, "name"), `output ${at}`), parameters: parametersOf(output) };
  });
  checkTensors(
    outputs.map(({ name }) => name),
    "output",
    limits,
  );
  const id = wordOf(message, "id");
  return {
    modelName: wordOf(message, "model_name"),
    modelVersion: wordOf(message, "model_version"),
    id: id === "" ? null : id,
    parameters: parametersOf(message),
    inputs,
    outputs,
    raw: raw.length > 0,
  };
}

/** @throws OIP_* */
export function inferResponseFromMessage(given: unknown, limits: OipLimits = {}): InferResponse {
  const message = objectOf(given, "the answer");
  const raw = listOf(message, "raw_output_contents");
  const [id, version] = [wordOf(message, "id"), wordOf(message, "model_version")];
  return {
    modelName: wordOf(message, "model_name"),
    modelVersion: version === "" ? null : version,
    id: id === "" ? null : id,
    parameters: parametersOf(message),
    outputs: tensorsOf(listOf(message, "outputs"), { raw, what: "output", limits }),
  };
}

/** `raw`: the data as bytes; a tensor that has no other form (FP16, BF16) makes all of them raw. */
export function inferRequestToMessage(request: NamedInferRequest): GrpcMessage {
  const raw = request.raw || request.inputs.some(isRawOnly);
  return {
    model_name: request.modelName,
    model_version: request.modelVersion,
    id: request.id ?? "",
    parameters: parametersMessage(request.parameters),
    inputs: request.inputs.map((tensor) => tensorMessage(tensor, raw)),
    outputs: request.outputs.map(({ name, parameters }) => ({ name, parameters: parametersMessage(parameters) })),
    raw_input_contents: raw ? request.inputs.map(dataToRaw) : [],
  };
}

/** `raw` as the request was. */
export function inferResponseToMessage(response: InferResponse, { raw }: { readonly raw: boolean }): GrpcMessage {
  const asBytes = raw || response.outputs.some(isRawOnly);
  return {
    model_name: response.modelName,
    model_version: response.modelVersion ?? "",
    id: response.id ?? "",
    parameters: parametersMessage(response.parameters),
    outputs: response.outputs.map((tensor) => tensorMessage(tensor, asBytes)),
    raw_output_contents: asBytes ? response.outputs.map(dataToRaw) : [],
  };
}

interface Reading {
  readonly raw: readonly unknown[];
  readonly what: "input" | "output";
  readonly limits: OipLimits;
}

function tensorsOf(given: readonly unknown[], { raw, what, limits }: Reading): readonly OipTensor[] {
  checkCount(given.length, what, limits);
  let used = 0;
  const tensors = given.map((each, at): OipTensor => {
    const message = objectOf(each, `${what} ${at}`);
    const name = checkName(fieldOf(message, "name"), `${what} ${at}`);
    const datatype = checkDatatype(name, fieldOf(message, "datatype"));
    const shape = checkShape(name, listOf(message, "shape").map(wholeNumber), limits);
    const wanted = { name, datatype, shape };
    const parameters = parametersOf(message);
    const contents = fieldOf(message, "contents") ?? {};
    if (raw.length > 0 && isEmpty(objectOf(contents, name))) {
      const bytes = raw[used++];
      if (!(bytes instanceof Uint8Array)) throw dataProblem(name, `\`raw_${what}_contents\` has nothing for it`);
      return { ...wanted, parameters, data: dataFromRaw(wanted, bytes) };
    }
    return { ...wanted, parameters, data: dataFromContents(wanted, objectOf(contents, name)) };
  });
  if (used < raw.length)
    throw oipProblem(`\`raw_${what}_contents\` has ${raw.length} parts, and ${used} tensors need one`);
  checkTensors(
    tensors.map(({ name }) => name),
    what,
    limits,
  );
  return tensors;
}

/** Where each datatype stands; those of 16 bits travel as raw bytes only. */
const contentFields: { readonly [Type in TensorDatatype]: string | null } = {
  BOOL: "bool_contents",
  INT8: "int_contents",
  INT16: "int_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  UINT8: "uint_contents",
  UINT16: "uint_contents",
  UINT32: "uint_contents",
  UINT64: "uint64_contents",
  FP16: null,
  BF16: null,
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
};

function isRawOnly({ datatype }: OipTensor): boolean {
  return contentFields[datatype] === null;
}

function isEmpty(contents: GrpcMessage): boolean {
  return Object.values(contents).every((list) => !Array.isArray(list) || list.length === 0);
}

interface Wanted {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
}

function dataFromContents({ name, datatype, shape }: Wanted, contents: GrpcMessage): DatatypeData {
  const field = contentFields[datatype];
  if (field === null) throw dataProblem(name, `${datatype} travels as raw bytes only`);
  const list = listOf(contents, field);
  const wanted = product(shape);
  if (list.length !== wanted)
    throw dataProblem(name, `\`${field}\` has ${list.length} elements, and the shape ${wanted}`);
  const other = Object.keys(contents).find((each) => each !== field && listOf(contents, each).length > 0);
  if (other !== undefined) throw dataProblem(name, `${datatype} stands in \`${field}\`, not in \`${other}\``);
  if (datatype === "BYTES") return list.map((each) => (each instanceof Uint8Array ? textOrBytes(each) : String(each)));
  if (datatype === "INT64" || datatype === "UINT64") {
    const data = newBigInts(datatype, wanted);
    for (let at = 0; at < wanted; at++) data[at] = bigIntOf(list[at]);
    return data;
  }
  const data = newNumbers(datatype, wanted);
  const [least, most] = datatypeFacts(datatype).range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let at = 0; at < wanted; at++) {
    const value = Number(list[at]);
    if (value < least || value > most) throw dataProblem(name, `element ${at} is out of the range of ${datatype}`);
    data[at] = value;
  }
  return data;
}

function tensorMessage({ name, datatype, shape, data, parameters }: OipTensor, raw: boolean): GrpcMessage {
  const head = { name, datatype, shape, parameters: parametersMessage(parameters) };
  const field = contentFields[datatype];
  return raw || field === null ? head : { ...head, contents: { [field]: contentsOf(name, datatype, data) } };
}

const encoder = new TextEncoder();

function contentsOf(name: string, datatype: TensorDatatype, data: DatatypeData): readonly unknown[] {
  if (isBytesData(data)) {
    return data.map((element, at) => {
      if (element === null) throw dataProblem(name, `element ${at} is missing, which gRPC cannot say`);
      return typeof element === "string" ? encoder.encode(element) : element;
    });
  }
  if (isBigIntData(data)) return Array.from(data, longOf);
  return datatype === "BOOL" ? Array.from(data, (value) => value !== 0) : Array.from(data);
}

/** A 64-bit number as protobufjs holds it. */
interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

function longOf(value: bigint): Long {
  const low = Number(BigInt.asIntN(32, value));
  return { low, high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: value > 0x7fff_ffff_ffff_ffffn };
}

function isLong(value: unknown): value is Long {
  return typeof value === "object" && value !== null && "low" in value && "high" in value;
}

function bigIntOf(value: unknown): bigint {
  if (isLong(value)) {
    const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
    return value.unsigned ? bits : BigInt.asIntN(64, bits);
  }
  return typeof value === "number" || typeof value === "string" || typeof value === "bigint" ? BigInt(value) : 0n;
}

/** A 64-bit number where it is exact as a number, else a bigint. */
export function wholeNumber(value: unknown): number | bigint {
  const whole = bigIntOf(value);
  return whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
}

function listOf(message: GrpcMessage, name: string): readonly unknown[] {
  const value = fieldOf(message, name);
  return Array.isArray(value) ? value : [];
}

function wordOf(message: GrpcMessage, name: string): string {
  const value = fieldOf(message, name);
  return typeof value === "string" ? value : "";
}

/** The parameters of a request, an answer or a tensor. */
export function parametersOf(message: GrpcMessage): OipParameters {
  const given = fieldOf(message, "parameters");
  if (typeof given !== "object" || given === null) return {};
  const entries = Object.entries(given).flatMap(([name, value]) => {
    const read = parameterValue(value);
    return read === undefined ? [] : [[name, read] as const];
  });
  return Object.fromEntries(entries);
}

function parameterValue(given: unknown): OipParameter | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  for (const [field, value] of Object.entries(given)) {
    if (field === "int64_param" || field === "uint64_param") return wholeNumber(value);
    if (field === "bool_param" || field === "string_param" || field === "double_param") return value as OipParameter;
  }
  return undefined;
}

export function parametersMessage(parameters: OipParameters): GrpcMessage {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, parameterMessage(name, value)]));
}

function parameterMessage(name: string, value: OipParameter): GrpcMessage {
  if (typeof value === "boolean") return { bool_param: value };
  if (typeof value === "string") return { string_param: value };
  if (typeof value === "number" && !Number.isSafeInteger(value)) return { double_param: value };
  const whole = BigInt(value);
  if (BigInt.asIntN(64, whole) === whole) return { int64_param: longOf(whole) };
  if (BigInt.asUintN(64, whole) === whole) return { uint64_param: longOf(whole) };
  throw trimaranError("OIP_REQUEST", { problem: `the parameter ${name} has more than 64 bits` });
}

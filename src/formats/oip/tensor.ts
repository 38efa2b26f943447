// A tensor of the Open Inference Protocol, and the checks of its name, datatype and shape.
import { trimaranError } from "../../base/errors.ts";
import { datatypeNames, isDatatype, type TensorDatatype } from "./datatype.ts";
import { type DatatypeData, newData } from "./tensor-data.ts";

/** A scalar parameter of a request, a tensor or an answer. */
export type OipParameter = string | number | bigint | boolean;
export type OipParameters = Readonly<Record<string, OipParameter>>;

/**
 * Elements row-major. `data` is a typed array (BOOL as 0 and 1, FP16 and BF16 as float32, 64-bit integers as bigint), or for
 * BYTES a list of texts; an element that is no UTF-8 stays bytes, and a missing one (JSON only) is null.
 */
export interface OipTensor {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  readonly data: DatatypeData;
  readonly parameters: OipParameters;
}

/** What a request or an answer may ask of us at most. */
export interface OipLimits {
  /** Tensors in one message. @default 10,000 */
  readonly maxTensors?: number;
  /** Elements of one tensor, and its largest dimension. @default 2^26 */
  readonly maxElements?: number;
}

export const maxRank = 16;
const maxNameChars = 1024;
const defaultMaxTensors = 10_000;
const defaultMaxElements = 2 ** 26;

/** @throws OIP_REQUEST */
export function checkName(name: unknown, what: string): string {
  if (typeof name !== "string" || name === "") throw oipProblem(`${what} has no name`);
  if (name.length > maxNameChars) throw oipProblem(`the name of ${what} has over ${maxNameChars} characters`);
  return name;
}

/** @throws OIP_DATATYPE */
export function checkDatatype(tensor: string, datatype: unknown): TensorDatatype {
  if (isDatatype(datatype)) return datatype;
  const given = typeof datatype === "string" ? datatype : "none";
  throw trimaranError("OIP_DATATYPE", { tensor, given, known: datatypeNames.join(", ") });
}

/**
 * The shape as whole numbers, none negative, whose product is within the limit.
 * @throws OIP_SHAPE
 */
export function checkShape(tensor: string, given: unknown, limits: OipLimits = {}): readonly number[] {
  const maxElements = limits.maxElements ?? defaultMaxElements;
  if (!Array.isArray(given)) throw shapeProblem(tensor, "it must be a list of whole numbers");
  if (given.length > maxRank) throw shapeProblem(tensor, `it has ${given.length} dimensions; ${maxRank} is the most`);
  const shape = given.map((dim: unknown): number => {
    const value = typeof dim === "bigint" ? Number(dim) : dim;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw shapeProblem(tensor, "every dimension must be a whole number");
    }
    if (value < 0) throw shapeProblem(tensor, "a dimension is negative");
    if (value > maxElements) throw shapeProblem(tensor, `a dimension is larger than ${maxElements}`);
    return value;
  });
  if (product(shape) > maxElements) throw shapeProblem(tensor, `it holds more than ${maxElements} elements`);
  return shape;
}

export function product(shape: readonly number[]): number {
  return shape.reduce((count, dim) => count * dim, 1);
}

/** @throws OIP_LIMIT, OIP_DUPLICATE */
export function checkTensors(names: readonly string[], what: string, limits: OipLimits = {}): void {
  checkCount(names.length, what, limits);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw trimaranError("OIP_DUPLICATE", { tensor: name, what });
    seen.add(name);
  }
}

/** Before anything is made of them. @throws OIP_LIMIT */
export function checkCount(count: number, what: string, limits: OipLimits = {}): void {
  const limit = limits.maxTensors ?? defaultMaxTensors;
  if (count > limit) throw trimaranError("OIP_LIMIT", { problem: `${count} ${what}s; ${limit} is the most` });
}

export function shapeProblem(tensor: string, problem: string): Error {
  return trimaranError("OIP_SHAPE", { tensor, problem });
}

export function dataProblem(tensor: string, problem: string): Error {
  return trimaranError("OIP_DATA", { tensor, problem });
}

export function oipProblem(problem: string): Error {
  return trimaranError("OIP_REQUEST", { problem });
}

export type TensorParts = Omit<OipTensor, "parameters"> & { readonly parameters?: OipParameters };

/** A tensor of ours. @throws OIP_SHAPE when the data has another length than the shape says */
export function oipTensor({ name, datatype, shape, data, parameters = {} }: TensorParts): OipTensor {
  if (data.length !== product(shape)) throw lengthProblem(name, shape, data.length);
  return { name, datatype, shape, data, parameters };
}

/** An array of the datatype, of zeros, falses or empty texts. */
export function emptyData(datatype: TensorDatatype, length: number): DatatypeData {
  return newData(datatype, length);
}

export function lengthProblem(tensor: string, shape: readonly number[], length: number): Error {
  const problem = `[${shape.join(", ")}] holds ${product(shape)} elements, but the data has ${length}`;
  return shapeProblem(tensor, problem);
}

/** The scalar ones of what came; a null, an object or a list says nothing here. */
export function readParameters(given: unknown, where: string): OipParameters {
  if (given === undefined || given === null) return {};
  if (typeof given !== "object" || Array.isArray(given)) throw oipProblem(`the parameters of ${where} are no object`);
  const entries = Object.entries(given).filter(([, value]) =>
    ["string", "number", "bigint", "boolean"].includes(typeof value),
  );
  return Object.fromEntries(entries) as OipParameters;
}

/** One parameter by its own name, never an inherited one. */
export function parameterOf(parameters: OipParameters, name: string): OipParameter | undefined {
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}

// The tensors of a request → rows, as a person would send them to `/predict`: one tensor a column (shape [N] or [N, 1]), or one
// tensor that is the whole matrix (shape [N, width]). `content_type` says what the texts of a BYTES tensor mean, as in MLServer.
import { trimaranError } from "../../base/errors.ts";
import type { Schema } from "../../data/field.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { InferRequest } from "./infer.ts";
import { dataProblem, type OipTensor, parameterOf } from "./tensor.ts";
import { type BytesElement, isBigIntData, isBytesData } from "./tensor-data.ts";

/** What rows are wanted. */
export interface WantedRows {
  /** In the order in which a matrix has them. Empty for a model that takes what comes. */
  readonly columns: readonly WantedColumn[];
  /** Rows are objects by name; else arrays by position. */
  readonly named: boolean;
  /** A row is a list of [name, value] pairs of any length, which no tensor holds. */
  readonly pairs?: true;
}

export interface WantedColumn {
  readonly name: string;
  /** `list`: a row's cell may be a row of a wider tensor, or JSON text. `object`: JSON text. */
  readonly shape: "scalar" | "list" | "object";
}

export function wantedOfInput(input: ModelInput): WantedRows {
  // Rows of any length, of whatever one tensor holds.
  if (input.kind === "records" && input.items !== undefined) {
    return { columns: [], named: false, ...(input.items === "pairs" ? { pairs: true } : {}) };
  }
  if (input.kind === "records") {
    const columns = input.features.map(({ name }) => ({ name, shape: "scalar" as const }));
    return { columns, named: true };
  }
  const columns = input.columns.map(({ name }) => ({ name, shape: "scalar" as const }));
  return { columns, named: input.named };
}

export function wantedOfSchema(schema: Schema): WantedRows {
  const columns = Object.entries(schema).map(([name, { spec }]): WantedColumn => {
    return { name, shape: spec.kind === "list" || spec.kind === "object" ? spec.kind : "scalar" };
  });
  return { columns, named: true };
}

/**
 * One row an element of the first dimension. Names that nobody wants stay in the rows: whoever checks them decides.
 * @throws OIP_INPUTS, OIP_DATA
 */
export function rowsFromTensors(request: InferRequest, wanted: WantedRows): readonly unknown[] {
  const [first] = request.inputs;
  if (wanted.pairs === true) {
    const problem = "a row of this model is a list of [name, value] pairs, which tensors do not hold";
    throw trimaranError("OIP_INPUTS", { problem, expected: "rows of pairs at the service's own /predict" });
  }
  if (first === undefined) throw inputsProblem("there is none", wanted);
  // A row costs memory also where it holds nothing, and a shape is only a few bytes.
  if (request.inputs.some(({ shape }) => (shape[0] ?? 0) > 0 && width(shape) === 0)) {
    throw inputsProblem("a row has no elements", wanted);
  }
  const content = (tensor: OipTensor): string | null => contentType(request, tensor);
  if (request.inputs.length === 1 && isMatrix(first, wanted)) {
    return matrixRows(first, wanted, content(first));
  }
  return columnRows(request, wanted, content);
}

function contentType(request: InferRequest, tensor: OipTensor): string | null {
  const own = parameterOf(tensor.parameters, "content_type") ?? parameterOf(request.parameters, "content_type");
  return typeof own === "string" ? own : null;
}

/** The whole input in one tensor, whatever it is called. One of a single column has that column's name, where it has one. */
function isMatrix({ name, shape }: OipTensor, { columns, named }: WantedRows): boolean {
  if (!named) return shape.length !== 1 || columns.length <= 1;
  if (columns.length === 0 || width(shape) === 1) return false;
  return columns.find((each) => each.name === name)?.shape !== "list";
}

/** Elements of one row. */
function width(shape: readonly number[]): number {
  return shape.slice(1).reduce((count, dim) => count * dim, 1);
}

function matrixRows(tensor: OipTensor, wanted: WantedRows, content: string | null): readonly unknown[] {
  const { name, shape } = tensor;
  const { columns, named } = wanted;
  const count = shape[0];
  if (count === undefined) throw inputsProblem(`${name} has no dimension for the rows`, wanted);
  const each = width(shape);
  if (shape.length > 2 && shape.slice(2).some((dim) => dim !== 1)) {
    throw inputsProblem(`${name} has ${shape.length} dimensions`, wanted);
  }
  if (columns.length > 0 || named) {
    if (each !== columns.length) throw inputsProblem(`a row of ${name} has ${each} elements`, wanted);
  }
  const cells = cellsOf(tensor, content);
  return Array.from({ length: count }, (_, row) => {
    const own = cells.slice(row * each, (row + 1) * each);
    return named ? Object.fromEntries(columns.map((column, at) => [column.name, own[at]])) : own;
  });
}

function columnRows(
  request: InferRequest,
  wanted: WantedRows,
  content: (tensor: OipTensor) => string | null,
): readonly unknown[] {
  const byName = new Map(wanted.columns.map((column) => [column.name, column]));
  const count = request.inputs[0]?.shape[0];
  if (count === undefined) throw inputsProblem(`${request.inputs[0]?.name} has no dimension for the rows`, wanted);
  const read = request.inputs.map((tensor) => {
    const { name, shape } = tensor;
    if (shape[0] !== count) {
      throw inputsProblem(`${name} has ${shape[0] ?? "no"} rows, and ${request.inputs[0]?.name} has ${count}`, wanted);
    }
    const column = byName.get(name);
    const each = width(shape);
    const asList = column?.shape === "list" && shape.length > 1 && tensor.datatype !== "BYTES";
    if (each !== 1 && !asList && column?.shape !== "list") {
      throw inputsProblem(`${name} has ${each} elements a row, and a column has one`, wanted);
    }
    const json = column?.shape === "object" || (column?.shape === "list" && each === 1 && tensor.datatype === "BYTES");
    const cells = cellsOf(tensor, json ? (content(tensor) ?? "pd_json") : content(tensor));
    const isList = asList || (column?.shape === "list" && each !== 1);
    return { name, cell: (row: number) => (isList ? cells.slice(row * each, (row + 1) * each) : cells[row]) };
  });
  const places = wanted.named ? null : positions(request.inputs, wanted);
  return Array.from({ length: count }, (_, row) => {
    if (places === null) return Object.fromEntries(read.map(({ name, cell }) => [name, cell(row)]));
    return places.map((place) => read[place]?.cell(row));
  });
}

/** Which input is which column of a model that knows its columns by position: by name, or as `input-0`, `input-1`, … */
function positions(inputs: readonly OipTensor[], wanted: WantedRows): readonly number[] {
  if (inputs.length !== wanted.columns.length) throw inputsProblem(`there are ${inputs.length}`, wanted);
  return wanted.columns.map(({ name }, at) => {
    const place = [name, `input-${at}`, `input_${at}`, String(at)]
      .map((each) => inputs.findIndex((input) => input.name === each))
      .find((found) => found >= 0);
    if (place === undefined) throw inputsProblem(`there is no input-${at}`, wanted);
    return place;
  });
}

/** The elements as JavaScript values: NaN and missing are null, 64-bit integers bigint where a number would round them. */
export function cellsOf(tensor: OipTensor, content: string | null): readonly unknown[] {
  const { name, datatype, data } = tensor;
  if (isBytesData(data)) return data.map((element, at) => textCell(element, { name, at, content }));
  if (isBigIntData(data)) {
    return Array.from(data, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
  }
  if (datatype === "BOOL") return Array.from(data, (value) => value !== 0);
  return Array.from(data, (value) => (Number.isNaN(value) ? null : value));
}

interface TextContext {
  readonly name: string;
  readonly at: number;
  readonly content: string | null;
}

function textCell(element: BytesElement, { name, at, content }: TextContext): unknown {
  if (element === null) return null;
  if (typeof element !== "string") throw dataProblem(name, `element ${at} is no UTF-8 text`);
  if (content === "base64") return fromBase64(element, { name, at });
  if (content !== "pd_json" && content !== "hg_json") return element;
  try {
    return JSON.parse(element);
  } catch {
    throw dataProblem(name, `element ${at} is no JSON`);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function fromBase64(text: string, { name, at }: { name: string; at: number }): string {
  try {
    return utf8.decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    throw dataProblem(name, `element ${at} is no base64 of UTF-8 text`);
  }
}

const shownNames = 20;

/** What is wrong with the inputs of a request, and what would be right. */
export function inputsProblem(problem: string, { columns, named }: WantedRows): Error {
  const names = columns.slice(0, shownNames).map(({ name }) => name);
  const rest = columns.length > shownNames ? ` and ${columns.length - shownNames} more` : "";
  const expected = named
    ? `one tensor of shape [N] or [N, 1] a column (${names.join(", ")}${rest}), or one of shape [N, ${columns.length}]`
    : `one tensor of shape [N, ${columns.length}]`;
  return trimaranError("OIP_INPUTS", { problem, expected });
}

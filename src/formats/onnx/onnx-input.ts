// An ONNX file's inputs as a ModelInput, and a batch as the runtime's tensors. One tensor is a matrix by position; several are a
// table by name, a column each.
import { trimaranError } from "../../base/errors.ts";
import type { Batch, Cell, RowIssue } from "../../data/batch.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import type { InputColumn, InputType, ModelInput } from "../../data/model-input.ts";
import type { OnnxCells } from "../../model/onnx-runtime.ts";
import type { OnnxPort, OnnxSignature } from "./read-signature.ts";

export interface OnnxFeed {
  readonly name: string;
  readonly type: string;
  readonly cells: OnnxCells;
  /** Without the rows: `[]` or `[width]`. */
  readonly shape: readonly number[];
}

export interface OnnxInput {
  readonly input: ModelInput;
  /** Tensors for the rows `from` up to `to`; cells that the file cannot take are issues and hold placeholders. */
  feeds(batch: Batch, rows: { readonly from: number; readonly to: number }, issues: RowIssue[]): readonly OnnxFeed[];
}

interface Slot {
  readonly port: OnnxPort & { readonly type: string };
  readonly width: number;
  readonly shape: readonly number[];
  /** The first of its columns in the batch. */
  readonly first: number;
}

/** @throws ONNX_SIGNATURE */
export function onnxInput(signature: OnnxSignature, name: string): OnnxInput {
  let width = 0;
  const slots = signature.inputs.map((port): Slot => {
    const slot = slotOf(port, { name, first: width });
    width += slot.width;
    return slot;
  });
  const [only] = slots;
  if (only === undefined) throw unsound(name, "it has no inputs");
  const isMatrix = slots.length === 1 && inputTypes[only.port.type] !== "string";
  const columns = slots.flatMap((slot) =>
    columnsOf(slot, { alone: slots.length === 1, nullable: signature.takesMissing }),
  );
  const input: ModelInput = isMatrix
    ? { kind: "matrix", named: false, columns }
    : { kind: "table", named: slots.length > 1 || only.width === 1, columns };
  return {
    input,
    feeds: (batch, { from, to }, issues) =>
      slots.map((slot) => feedOf(slot, { batch, from, to, issues, columns, signature })),
  };
}

function slotOf(port: OnnxPort, { name, first }: { name: string; first: number }): Slot {
  const { type, dims } = port;
  const what = `its input ${port.name}`;
  if (type === null || inputTypes[type] === undefined)
    throw unsound(name, `${what} is no tensor of numbers, strings or booleans`);
  if (dims === null || dims.length < 1 || dims.length > 2) throw unsound(name, `${what} has not one or two dimensions`);
  const [rows = null, columns = 1] = dims;
  if (rows !== null && rows !== 1) throw unsound(name, `${what} takes ${rows} rows at a time, no more and no fewer`);
  if (columns === null) throw unsound(name, `${what} does not say how many columns it has`);
  if (columns > maxWidth) throw unsound(name, `${what} has ${columns} columns`);
  return { port: { ...port, type }, width: columns, shape: dims.length === 1 ? [] : [columns], first };
}

const maxWidth = 10_000_000;

const inputTypes: Readonly<Record<string, InputType>> = {
  float32: "number",
  float64: "number",
  int8: "integer",
  uint8: "integer",
  int16: "integer",
  uint16: "integer",
  int32: "integer",
  uint32: "integer",
  int64: "integer",
  string: "string",
  bool: "boolean",
};

function columnsOf(
  { port, width }: Slot,
  { alone, nullable }: { alone: boolean; nullable: boolean },
): readonly InputColumn[] {
  const type = inputTypes[port.type] ?? "any";
  return Array.from({ length: width }, (_, index) => ({
    name: width === 1 ? port.name : alone ? String(index) : `${port.name}[${index}]`,
    type,
    nullable: nullable && type === "number",
  }));
}

interface FeedContext {
  readonly batch: Batch;
  readonly from: number;
  readonly to: number;
  readonly issues: RowIssue[];
  readonly columns: readonly InputColumn[];
  readonly signature: OnnxSignature;
}

function feedOf({ port, width, shape, first }: Slot, context: FeedContext): OnnxFeed {
  const { batch, from, to, issues, columns } = context;
  const isText = port.type === "string";
  const numbers = new Float64Array(isText ? 0 : (to - from) * width);
  const texts: string[] = [];
  for (let row = from; row < to; row++) {
    for (let index = 0; index < width; index++) {
      const cell = cellAt(batch, row, first + index);
      const problem = isText ? textProblem(cell, context) : numberProblem(cell, port.type, context);
      if (problem !== null) issues.push({ row, path: jsonPointer(columns[first + index]?.name ?? index), ...problem });
      if (isText) texts.push(typeof cell === "string" ? cell : "");
      else numbers[(row - from) * width + index] = problem === null ? Number(cell ?? Number.NaN) : 0;
    }
  }
  return {
    name: port.name,
    type: port.type,
    cells: isText ? texts : (fromDoubles[port.type]?.(numbers) ?? numbers),
    shape,
  };
}

const fromDoubles: Readonly<Record<string, (numbers: Float64Array) => OnnxCells>> = {
  float32: (numbers) => Float32Array.from(numbers),
  float64: (numbers) => numbers,
  int8: (numbers) => Int8Array.from(numbers),
  uint8: (numbers) => Uint8Array.from(numbers),
  bool: (numbers) => Uint8Array.from(numbers, (number) => Number(number !== 0)),
  int16: (numbers) => Int16Array.from(numbers),
  uint16: (numbers) => Uint16Array.from(numbers),
  int32: (numbers) => Int32Array.from(numbers),
  uint32: (numbers) => Uint32Array.from(numbers),
  int64: (numbers) => BigInt64Array.from(numbers, BigInt),
};

function cellAt(batch: Batch, row: number, column: number): Cell {
  if (batch.kind === "matrix") return batch.values[row * batch.width + column] ?? null;
  if (batch.kind === "table") return batch.columns[column]?.values[row] ?? null;
  throw new TypeError("onnx: a matrix or a table was promised");
}

type Problem = Pick<RowIssue, "code" | "message"> | null;

/** Our own files take the empty string for a missing cell. */
function textProblem(cell: Cell, { signature }: FeedContext): Problem {
  if (typeof cell === "string") return null;
  if (cell !== null) return { code: "wrong_type", message: `must be a string, not a ${typeof cell}` };
  if (signature.metadata.get("trimaran.missing_text") === "empty") return null;
  return { code: "missing_value", message: "is missing, and the model takes no missing values here" };
}

function numberProblem(cell: Cell, type: string, { signature }: FeedContext): Problem {
  if (typeof cell === "string") return { code: "wrong_type", message: "must be a number, not a string" };
  const number = Number(cell ?? Number.NaN);
  const isWhole = type !== "float32" && type !== "float64";
  if (Number.isNaN(number)) {
    if (signature.takesMissing && !isWhole) return null;
    return { code: "missing_value", message: "is missing or not a number, and the model takes no missing values here" };
  }
  const [low, high] = ranges[type] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  // Our own files say what an infinity gives; of others nothing is known.
  const isInfinite = !Number.isFinite(type === "float32" ? Math.fround(number) : number);
  if (isInfinite && !(type === "float64" && signature.metadata.has("trimaran.precision"))) {
    return { code: "not_finite", message: `is beyond what ${type} holds` };
  }
  if (isWhole && !Number.isSafeInteger(number)) return { code: "wrong_type", message: "must be a whole number" };
  if (number < low || number > high) return { code: "out_of_range", message: `is beyond what ${type} holds` };
  return null;
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

function unsound(name: string, problem: string): Error {
  return trimaranError("ONNX_SIGNATURE", { name, problem });
}

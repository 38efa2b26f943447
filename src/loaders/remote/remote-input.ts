// What a remote model takes, as our rows and as its tensors. An input of shape [-1] or [-1, 1] is a column; one of [-1, k] is k
// columns; when it is the only one, rows are arrays of k values.
import { trimaranError } from "../../base/errors.ts";
import type { Batch, Cell, Column, RowIssue } from "../../data/batch.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import type { InputColumn, InputType, ModelInput } from "../../data/model-input.ts";
import { datatypeFacts, type TensorDatatype } from "../../formats/oip/datatype.ts";
import type { TensorMetadata } from "../../formats/oip/model-metadata.ts";
import { type OipTensor, oipTensor } from "../../formats/oip/tensor.ts";
import { newBigInts, newNumbers } from "../../formats/oip/tensor-data.ts";

export interface RemoteInput {
  readonly input: ModelInput;
  /** A batch → tensors. Cells that the tensors cannot hold become issues, and placeholders. */
  readonly tensors: (batch: Batch, issues: RowIssue[]) => readonly OipTensor[];
}

interface Port extends TensorMetadata {
  /** Its first column, and how many it has. */
  readonly from: number;
  readonly width: number;
}

/** @throws REMOTE_INPUTS */
export function remoteInput(model: string, inputs: readonly TensorMetadata[]): RemoteInput {
  if (inputs.length === 0) throw inputsProblem(model, "its server does not say what it takes");
  const [single] = inputs;
  if (inputs.length === 1 && single !== undefined && isAnyWidth(single)) return anyWidthInput(single);
  let from = 0;
  const ports = inputs.map((tensor): Port => {
    const width = rowWidth(model, tensor);
    from += width;
    return { ...tensor, width, from: from - width };
  });
  if (from > maxColumns) throw inputsProblem(model, `it takes ${from} columns; ${maxColumns} is the most`);
  const [only] = ports;
  const alone = ports.length === 1 && only !== undefined && only.width > 1;
  const columns = ports.flatMap(({ name, datatype, width }) =>
    Array.from({ length: width }, (_, at): InputColumn => {
      const { family } = datatypeFacts(datatype);
      return { name: width === 1 ? name : `${name}_${at}`, type: columnTypes[family], nullable: family === "float" };
    }),
  );
  // Only numbers of their own kind can be a matrix: a whole number must be one, and a boolean is sent as such.
  const isMatrix = ports.every(({ datatype }) => datatypeFacts(datatype).family === "float");
  const input: ModelInput = { kind: isMatrix ? "matrix" : "table", named: !alone, columns };
  return {
    input,
    tensors: (batch, issues) => ports.map((port) => portTensor(port, { batch, columns, issues })),
  };
}

/** Floats of which the server does not say how many a row has: the rows do. */
function isAnyWidth({ datatype, shape }: TensorMetadata): boolean {
  return shape.length === 2 && shape.every((dim) => dim === -1) && datatypeFacts(datatype).family === "float";
}

function anyWidthInput({ name, datatype }: TensorMetadata): RemoteInput {
  return {
    input: { kind: "matrix", named: false, columns: [], anyWidth: true },
    tensors: (batch) => {
      const { rowCount, width, values } =
        batch.kind === "matrix" ? batch : { rowCount: 0, width: 0, values: new Float64Array(0) };
      const data = newNumbers(datatype, rowCount * width);
      data.set(values.subarray(0, rowCount * width));
      return [oipTensor({ name, datatype, shape: [rowCount, width], data })];
    },
  };
}

const maxColumns = 100_000;

const columnTypes: { readonly [Family in ReturnType<typeof datatypeFacts>["family"]]: InputType } = {
  bool: "boolean",
  integer: "integer",
  // As a cell, so that what is beyond 2^53 stays exact.
  bigint: "any",
  float: "number",
  bytes: "string",
};

function rowWidth(model: string, { name, shape }: TensorMetadata): number {
  const [rows, ...rest] = shape;
  const shown = `[${shape.join(", ")}]`;
  if (rows !== -1)
    throw inputsProblem(model, `the first dimension of ${name}, ${shown}, is not -1 (any number of rows)`);
  // With a width that is free, nothing says how many cells a row has.
  if (rest.some((dim) => dim < 1)) throw inputsProblem(model, `a row of ${name}, ${shown}, has no fixed width`);
  return rest.reduce((count, dim) => count * dim, 1);
}

interface Filling {
  readonly batch: Batch;
  readonly columns: readonly InputColumn[];
  readonly issues: RowIssue[];
}

function portTensor(port: Port, { batch, columns, issues }: Filling): OipTensor {
  const { name, datatype, width, from } = port;
  const rowCount = batch.kind === "records" ? 0 : batch.rowCount;
  const length = rowCount * width;
  const shape = [rowCount, ...port.shape.slice(1)];
  const cell = cellReader(batch);
  const { family } = datatypeFacts(datatype);
  const texts: string[] = [];
  const bigints = family === "bigint" ? newBigInts(datatype === "INT64" ? "INT64" : "UINT64", length) : null;
  const numbers = newNumbers(datatype, family === "bytes" || bigints !== null ? 0 : length);
  for (let at = 0; at < length; at++) {
    const row = Math.floor(at / width);
    const index = from + (at % width);
    const value = cell(row, index);
    const taken = takeCell(datatype, value);
    if (taken === undefined) {
      const path = jsonPointer(columns[index]?.name ?? "");
      issues.push({ row, path, code: "wrong_type", message: `must be ${expected(datatype)}` });
    }
    if (family === "bytes") texts.push(typeof taken === "string" ? taken : "");
    else if (bigints !== null) bigints[at] = typeof taken === "bigint" ? taken : 0n;
    else numbers[at] = typeof taken === "number" ? taken : 0;
  }
  const data = family === "bytes" ? texts : (bigints ?? numbers);
  return oipTensor({ name, datatype, shape, data });
}

function cellReader(batch: Batch): (row: number, column: number) => Cell {
  switch (batch.kind) {
    case "matrix":
      return (row, column) => batch.values[row * batch.width + column] as number;
    case "table":
      return (row, column) => (batch.columns[column] as Column).values[row] ?? null;
    case "records":
      return () => null;
  }
}

/** The cell as an element, or undefined when the datatype cannot hold it. */
function takeCell(datatype: TensorDatatype, cell: Cell): string | number | bigint | undefined {
  const { family, range } = datatypeFacts(datatype);
  switch (family) {
    case "bytes":
      return typeof cell === "string" && cell.isWellFormed() ? cell : undefined;
    case "float":
      return typeof cell === "number" ? cell : undefined;
    case "bool":
      return typeof cell === "boolean" ? Number(cell) : undefined;
    default: {
      const whole = typeof cell === "number" && Number.isSafeInteger(cell) ? BigInt(cell) : cell;
      if (typeof whole !== "bigint" || range === null || whole < range[0] || whole > range[1]) return undefined;
      return family === "bigint" ? whole : Number(whole);
    }
  }
}

function expected(datatype: TensorDatatype): string {
  const { family, range } = datatypeFacts(datatype);
  if (range !== null) return `a whole number from ${range[0]} to ${range[1]}, and exact`;
  return family === "bytes" ? "a string" : family === "bool" ? "true or false" : "a number";
}

function inputsProblem(model: string, problem: string): Error {
  return trimaranError("REMOTE_INPUTS", { model, problem });
}

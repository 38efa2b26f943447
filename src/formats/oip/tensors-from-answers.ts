// Answers → tensors: a method's column, or one output of a definition. Numbers keep their type: FP64, FP32, INT64, BOOL; labels and
// texts are BYTES. A method that answers one value a row has the shape [N, 1], as MLServer's; several have [N, k].
import type { Cell } from "../../data/batch.ts";
import { jsonValueText } from "../../data/json-value-text.ts";
import { outputValue } from "../../data/prediction-text.ts";
import type { Label, OutputColumn } from "../../data/predictions.ts";
import type { TensorDatatype } from "./datatype.ts";
import { type OipTensor, oipTensor } from "./tensor.ts";
import type { BytesElement, DatatypeData } from "./tensor-data.ts";

/** One tensor, or for outputs that do not fit into one, one each: `predict_proba-0`, `predict_proba-1`, … */
export function tensorsFromColumn(name: string, column: OutputColumn, rowCount: number): readonly OipTensor[] {
  if (column.kind !== "list") return [flatTensor(name, column, rowCount)];
  const items = column.items.flatMap((item, at) => tensorsFromColumn(`${name}-${at}`, item, rowCount));
  const [first] = items;
  const joins = items.every(({ datatype, shape }) => datatype === first?.datatype && shape[1] === 1);
  if (first === undefined || !joins || items.length < column.items.length) return items;
  const rows = Array.from({ length: rowCount }, (_, row) => items.map(({ data }) => data[row]));
  const data = dataOf(first.datatype, rows.flat());
  return [oipTensor({ name, datatype: first.datatype, shape: [rowCount, items.length], data })];
}

type Flat = Exclude<OutputColumn, { readonly kind: "list" }>;

function flatTensor(name: string, column: Flat, rowCount: number): OipTensor {
  const shape = [rowCount, column.width];
  if (column.kind === "number") {
    const { type, values } = column;
    if (type === "float64") return oipTensor({ name, datatype: "FP64", shape, data: Float64Array.from(values) });
    if (type === "float32") return oipTensor({ name, datatype: "FP32", shape, data: Float32Array.from(values) });
    if (type === "boolean") {
      return oipTensor({
        name,
        datatype: "BOOL",
        shape,
        data: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
      });
    }
    // A whole number that is missing or infinite has no place in INT64.
    if (!values.every(Number.isInteger)) {
      return oipTensor({ name, datatype: "FP64", shape, data: Float64Array.from(values) });
    }
    return oipTensor({ name, datatype: "INT64", shape, data: BigInt64Array.from(values, BigInt) });
  }
  const cells = Array.from({ length: rowCount }, (_, row) =>
    outputValue({ ...column, scalar: false }, row),
  ).flat() as Cell[];
  const types = new Set(
    column.kind === "label" ? column.labels.flat().map(labelDatatype) : cells.flatMap(cellDatatype),
  );
  return tensorFromCells(name, { cells, shape, datatype: joinDatatypes(types) });
}

function labelDatatype({ type }: Label): TensorDatatype {
  return ({ string: "BYTES", boolean: "BOOL", integer: "INT64", float: "FP64" } as const)[type];
}

function cellDatatype(cell: unknown): readonly TensorDatatype[] {
  if (typeof cell === "number") return ["FP64"];
  if (typeof cell === "bigint") return ["INT64"];
  if (cell === null) return [];
  return [typeof cell === "boolean" ? "BOOL" : "BYTES"];
}

/** Of several types the one that holds them all without changing one: else texts. */
function joinDatatypes(types: ReadonlySet<TensorDatatype>): TensorDatatype {
  const [only] = types;
  return types.size <= 1 ? (only ?? "FP64") : "BYTES";
}

interface Cells {
  readonly cells: readonly unknown[];
  readonly shape: readonly number[];
  readonly datatype: TensorDatatype;
}

/**
 * Values of one kind as a tensor: an output of a definition, with the datatype of its field. Where one does not fit (a null among
 * integers, a number beyond 64 bits) integers and booleans become FP64, so that nothing is made up.
 */
export function tensorFromCells(name: string, { cells, shape, datatype }: Cells): OipTensor {
  const fits = datatype === "BYTES" || cells.every((cell) => fitsType(datatype, cell));
  const chosen = fits ? datatype : cells.every(isNumeric) ? "FP64" : "BYTES";
  return oipTensor({ name, datatype: chosen, shape, data: dataOf(chosen, cells) });
}

function isNumeric(cell: unknown): boolean {
  return cell === null || cell === undefined || typeof cell === "number" || typeof cell === "boolean";
}

function fitsType(datatype: TensorDatatype, cell: unknown): boolean {
  switch (datatype) {
    case "BOOL":
      return typeof cell === "boolean" || cell === 0 || cell === 1;
    case "INT64":
      return (
        (typeof cell === "bigint" && BigInt.asIntN(64, cell) === cell) ||
        (typeof cell === "number" && Number.isInteger(cell) && Math.abs(cell) < 2 ** 63)
      );
    default:
      return cell === null || cell === undefined || typeof cell === "number" || isNamedFloat(cell);
  }
}

function isNamedFloat(cell: unknown): boolean {
  return cell === "Infinity" || cell === "-Infinity" || cell === "NaN";
}

function dataOf(datatype: TensorDatatype, cells: readonly unknown[]): DatatypeData {
  switch (datatype) {
    case "BYTES":
      return cells.map(bytesCell);
    case "INT64":
      return BigInt64Array.from(cells, (cell) => BigInt(cell as number | bigint));
    case "BOOL":
      return Uint8Array.from(cells, (cell) => (cell === true || cell === 1 ? 1 : 0));
    case "FP32":
      return Float32Array.from(cells, numberCell);
    default:
      return Float64Array.from(cells, numberCell);
  }
}

function numberCell(cell: unknown): number {
  return cell === null || cell === undefined ? Number.NaN : Number(cell);
}

/** Lists and objects travel as JSON text. */
function bytesCell(cell: unknown): BytesElement {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "string" || cell instanceof Uint8Array) return cell;
  return jsonValueText(cell);
}

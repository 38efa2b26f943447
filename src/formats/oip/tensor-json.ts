// A tensor's data in JSON: flat or nested, row-major. null is NaN in a float tensor, and a missing element of BYTES.
import { trimaranError } from "../../base/errors.ts";
import { doubleText, floatText } from "../../data/number-text.ts";
import { datatypeFacts, type TensorDatatype } from "./datatype.ts";
import { dataProblem, lengthProblem, maxRank, type OipTensor, product, shapeProblem } from "./tensor.ts";
import {
  type BytesElement,
  type DatatypeData,
  isBigIntData,
  isBytesData,
  newBigInts,
  newNumbers,
} from "./tensor-data.ts";

interface Wanted {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
}

/** @throws OIP_DATA, OIP_SHAPE, OIP_DATATYPE */
export function dataFromJson({ name, datatype, shape }: Wanted, given: unknown): DatatypeData {
  if (datatype === "BF16") {
    throw trimaranError("OIP_DATATYPE", { tensor: name, given: "BF16 in JSON", known: "BF16 as raw bytes only" });
  }
  if (!Array.isArray(given)) throw dataProblem(name, "it must be a list");
  const flat = flatten({ name, shape, given });
  const wanted = { name, datatype, shape };
  switch (datatypeFacts(datatype).family) {
    case "bytes":
      return flat.map((value, at) => textElement(wanted, value, at));
    case "bigint":
      return bigIntData({ ...wanted, datatype: datatype === "INT64" ? "INT64" : "UINT64" }, flat);
    default: {
      const data = newNumbers(datatype, flat.length);
      const read = readers[datatypeFacts(datatype).family as keyof typeof readers];
      for (let at = 0; at < flat.length; at++) data[at] = read(wanted, flat[at], at);
      return data;
    }
  }
}

/** The elements of a list that is flat, or nested like its shape. @throws OIP_SHAPE */
function flatten({ name, shape, given }: { name: string; shape: readonly number[]; given: readonly unknown[] }) {
  const wanted = product(shape);
  let level: readonly unknown[] = given;
  const lengths = [given.length];
  while (level.some(Array.isArray)) {
    if (lengths.length >= maxRank) throw shapeProblem(name, `the data is nested deeper than ${maxRank} lists`);
    const first = level.find(Array.isArray) as readonly unknown[];
    if (!level.every((item) => Array.isArray(item) && item.length === first.length)) {
      throw shapeProblem(name, "the lists in the data are of unequal length or depth");
    }
    // No more is copied than the shape admits.
    if (level.length * first.length > wanted) throw lengthProblem(name, shape, level.length * first.length);
    lengths.push(first.length);
    level = (level as readonly (readonly unknown[])[]).flat();
  }
  if (level.length !== wanted) throw lengthProblem(name, shape, level.length);
  if (lengths.length === shape.length && shape.length > 1 && lengths.some((length, axis) => length !== shape[axis])) {
    // Below an empty list nothing can be told.
    if (wanted > 0)
      throw shapeProblem(name, `[${shape.join(", ")}], but the data is nested as [${lengths.join(", ")}]`);
  }
  return level;
}

type Read = (wanted: Wanted, value: unknown, at: number) => number;

const readers: { readonly [Family in "bool" | "integer" | "float"]: Read } = {
  bool(wanted, value, at) {
    if (value === true || value === 1) return 1;
    if (value === false || value === 0) return 0;
    throw elementProblem(wanted, at, "true or false");
  },
  integer(wanted, value, at) {
    const number = typeof value === "bigint" ? Number(value) : value;
    const [least, most] = rangeOf(wanted.datatype);
    if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
    throw elementProblem(wanted, at, `a whole number from ${least} to ${most}`);
  },
  float(wanted, value, at) {
    if (typeof value === "number") return value;
    if (value === null) return Number.NaN;
    if (typeof value === "bigint") return Number(value);
    const named = typeof value === "string" ? namedFloats.get(value) : undefined;
    if (named === undefined) throw elementProblem(wanted, at, "a number, or null for NaN");
    return named;
  },
};

/** JSON has no numbers for them; we write them so, and numpy reads them back. */
const namedFloats = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function bigIntData(wanted: Wanted & { readonly datatype: "INT64" | "UINT64" }, flat: readonly unknown[]) {
  const data = newBigInts(wanted.datatype, flat.length);
  const [least, most] = rangeOf(wanted.datatype);
  for (let at = 0; at < flat.length; at++) {
    const value = flat[at];
    if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw elementProblem(
        wanted,
        at,
        "a whole number that was not rounded: beyond 2^53 it must be sent in full digits",
      );
    }
    const whole = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
    if (typeof whole !== "bigint" || whole < least || whole > most) {
      throw elementProblem(wanted, at, `a whole number from ${least} to ${most}`);
    }
    data[at] = whole;
  }
  return data;
}

function textElement(wanted: Wanted, value: unknown, at: number): BytesElement {
  if (value === null) return null;
  if (typeof value !== "string") throw elementProblem(wanted, at, "a string");
  if (!value.isWellFormed()) throw elementProblem(wanted, at, "a string of whole characters (no lone surrogates)");
  return value;
}

function rangeOf(datatype: TensorDatatype): readonly [bigint, bigint] {
  return datatypeFacts(datatype).range ?? [0n, 0n];
}

function elementProblem({ name, datatype }: Wanted, at: number, wanted: string): Error {
  return dataProblem(name, `element ${at} of ${datatype} must be ${wanted}`);
}

/** The data as JSON text, flat. @throws OIP_DATA for bytes that are no text, OIP_DATATYPE for BF16 */
export function dataJsonText({ name, datatype, data }: OipTensor): string {
  if (datatype === "BF16") {
    throw trimaranError("OIP_DATATYPE", { tensor: name, given: "BF16 in JSON", known: "BF16 as raw bytes only" });
  }
  if (isBytesData(data)) return `[${data.map((element) => elementText(name, element)).join(",")}]`;
  if (isBigIntData(data)) return `[${data.join(",")}]`;
  if (datatype === "BOOL") return `[${Array.from(data, (value) => value !== 0).join(",")}]`;
  if (datatypeFacts(datatype).family === "integer") return `[${data.join(",")}]`;
  const text = datatype === "FP64" ? doubleText : floatText;
  return `[${Array.from(data, text).join(",")}]`;
}

function elementText(tensor: string, element: BytesElement): string {
  if (element instanceof Uint8Array) {
    throw dataProblem(tensor, "an element is no UTF-8 text; ask for it with `binary_data`");
  }
  return JSON.stringify(element);
}

// numpy scalars: REDUCE(numpy.core.multiarray.scalar, (dtype, bytes)), for object dtypes (dtype, value).
import { isNode, type PyNode, type PyValue } from "../pickle/tree.ts";
import { readDType } from "./dtype.ts";
import { elements, isNumeric } from "./elements.ts";
import { isArray, makeArray, type NdArray, readArray } from "./ndarray.ts";
import { numpyRole } from "./numpy-roles.ts";
import { isText, textAt } from "./to-strings.ts";

export type PlainScalar = string | number | bigint | boolean | null;

/**
 * The plain value of a numpy scalar or of an array with one element; undefined for everything else (dates, complex
 * numbers, records, larger arrays, Python's own objects).
 *
 * @throws ARRAY_INVALID when it is a scalar or array that is not sound
 */
export function readScalar(value: PyNode): PlainScalar | undefined {
  if (value.kind === "float") return value.value;
  if (value.kind !== "object") return undefined;
  const array = readScalarArray(value);
  if (array === undefined || array.size !== 1) return undefined;
  if (array.objects !== null) return plainItem(array.objects[0]);
  if (isText(array)) return textAt(array, 0);
  if (!isNumeric(array.dtype)) return undefined;
  const read = elements(array, "a scalar");
  if (read.kind === "bigint") {
    const wide = read.values[0] as bigint;
    const number = Number(wide);
    return Number.isSafeInteger(number) ? number : wide;
  }
  const number = read.values[0] as number;
  return array.dtype.kind === "b" ? number !== 0 : number;
}

/** The scalar as an array without dimensions (an array as itself), or undefined when the value is neither. */
export function readScalarArray(value: PyNode): NdArray | undefined {
  if (isArray(value)) return readArray(value, "a number");
  if (value.kind !== "object" || value.via !== "reduce" || numpyRole(value.callee) !== "scalar") return undefined;
  const [dtypeValue, data] = value.args.items;
  const dtype = readDType(dtypeValue, "a scalar");
  const stored = dtype.kind === "O" ? ({ kind: "list", items: data === undefined ? [] : [data] } as const) : data;
  return makeArray({ shape: [], dtype, order: "C", data: stored }, "a scalar");
}

function plainItem(value: PyValue | undefined): PlainScalar | undefined {
  if (!isNode(value)) return value;
  return value.kind === "float" ? value.value : undefined;
}

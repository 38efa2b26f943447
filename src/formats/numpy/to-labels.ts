// Class labels and categories out of arrays, each in its own type: 1, 1.0, True and "1" are four different labels.
import type { Label } from "../../data/predictions.ts";
import { isNode, type PyValue } from "../pickle/tree.ts";
import { arrayTypeError } from "./array-errors.ts";
import { describeDType } from "./dtype.ts";
import { elements } from "./elements.ts";
import type { NdArray } from "./ndarray.ts";
import { readScalar, readScalarArray } from "./scalar.ts";
import { isText, toStrings } from "./to-strings.ts";

/** A category may also be None, which encoders treat as a missing value (as they do NaN, a float). */
export type Category = Label | { readonly type: "none" };

/** @throws ARRAY_TYPE when an element is no label: None, bytes beyond ASCII, a date, a record, any other object */
export function toLabels(array: NdArray): Label[] {
  return toCategories(array).map((category) => {
    if (category.type === "none") throw arrayTypeError(array.path, "None", "class labels");
    return category;
  });
}

/** @throws ARRAY_TYPE */
export function toCategories(array: NdArray): Category[] {
  if (array.objects !== null) {
    return array.objects.map((value) => {
      const category = categoryOf(value);
      if (category === undefined) throw arrayTypeError(array.path, describeDType(array.dtype), "labels");
      return category;
    });
  }
  if (isText(array)) return toStrings(array).map((value) => ({ type: "string", value }));
  const read = elements(array, "labels");
  if (read.kind === "bigint") return Array.from(read.values as Iterable<bigint>, integerLabel);
  const values: readonly number[] = Array.from(read.values);
  switch (array.dtype.kind) {
    case "b":
      return values.map((value) => ({ type: "boolean", value: value !== 0 }));
    case "f":
      return values.map((value) => ({ type: "float", value }));
    default:
      return values.map((value) => ({ type: "integer", value }));
  }
}

/** The label that a Python or numpy scalar is, or undefined. */
export function categoryOf(value: PyValue | undefined): Category | undefined {
  if (value === null) return { type: "none" };
  if (!isNode(value)) return plainLabel(value);
  if (value.kind === "float") return { type: "float", value: value.value };
  const scalar = readScalar(value);
  if (scalar === null) return { type: "none" };
  const isFloat = typeof scalar === "number" && scalarIsFloat(value);
  return isFloat ? { type: "float", value: scalar } : plainLabel(scalar);
}

function plainLabel(value: string | number | bigint | boolean | undefined): Label | undefined {
  switch (typeof value) {
    case "string":
      return { type: "string", value };
    case "boolean":
      return { type: "boolean", value };
    case "number":
    case "bigint":
      return { type: "integer", value };
    default:
      return undefined;
  }
}

function scalarIsFloat(value: PyValue): boolean {
  if (!isNode(value) || value.kind !== "object") return false;
  const array = readScalarArray(value);
  const [item] = array?.objects ?? [];
  return array?.dtype.kind === "f" || (isNode(item) && item.kind === "float");
}

function integerLabel(value: bigint): Label {
  const number = Number(value);
  return { type: "integer", value: Number.isSafeInteger(number) ? number : value };
}

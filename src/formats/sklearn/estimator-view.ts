// What a user's `toOp` sees of an inert object: typed copies of its attributes, never the tree itself, and the estimators that
// it holds, as values of the graph.
import type { MethodName } from "../../model/predictor.ts";
import { isArray, readArray } from "../numpy/ndarray.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { toStrings } from "../numpy/to-strings.ts";
import { describeValue, isNode, type PyValue } from "../pickle/tree.ts";
import {
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  instanceOf,
  integerOf,
  itemsOf,
  numberOf,
  pathOf,
  scalarOf,
  stringOf,
} from "./instance.ts";

/** A number, string, bool or None of Python. Integers beyond 2^53 are bigint. */
export type PlainValue = string | number | bigint | boolean | null;

/**
 * The attributes of one object. Whatever is not of the type that is asked for throws `MODEL_ATTRIBUTE` with the place in the
 * file; a second argument is taken where the attribute is absent.
 */
export interface AttributeView {
  /** `module.Class` as the file names it. */
  readonly className: string;
  /** Where it stands in the file; `""` is the root. */
  readonly path: string;
  /** Names of its attributes, in the file's order. */
  readonly attributes: readonly string[];
  /** Present and not None. */
  has(name: string): boolean;
  number(name: string, absent?: number): number;
  integer(name: string, absent?: number): number;
  string(name: string, absent?: string): string;
  boolean(name: string, absent?: boolean): boolean;
  /** An array, list or tuple of numbers, row-major. */
  numbers(name: string): Float64Array;
  /** The shape of an array; of a list its length. */
  shape(name: string): readonly number[];
  /** An array, list or tuple of strings. */
  strings(name: string): readonly string[];
  /** A dict of plain values. */
  dict(name: string): ReadonlyMap<PlainValue, PlainValue>;
  /** An object inside. */
  object(name: string): AttributeView;
  /** A list or tuple of objects. */
  objects(name: string): readonly AttributeView[];
}

/** A value of the model's graph; only its shape is known until rows come. */
export interface GraphValue {
  /** Numbers or columns a row; null where rows are records. */
  readonly width: number | null;
  /** Names of the columns, where they are known. */
  readonly names: readonly string[] | null;
}

/** What the methods of an estimator answer. */
export type EstimatorMethods = Readonly<Partial<Record<MethodName, GraphValue>>>;

export interface EstimatorView extends AttributeView {
  /** A fitted estimator inside that is read too (also one of another `defineEstimator`), applied to a value. */
  estimator(name: string, input: GraphValue): EstimatorMethods;
  /** A list of them, bare or with names (`estimators_`, `steps`), each applied to the same value. */
  estimators(name: string, input: GraphValue): readonly EstimatorMethods[];
}

export function attributeView(self: Instance): AttributeView {
  return Object.freeze({
    className: self.className,
    path: self.path,
    attributes: Object.freeze(self.attributes.keys.filter((key) => typeof key === "string")),
    has: (name: string) => has(self, name),
    number: (name: string, absent?: number) => numberOf(self, name, absent),
    integer: (name: string, absent?: number) => integerOf(self, name, absent),
    string: (name: string, absent?: string) => stringOf(self, name, absent),
    boolean: (name: string, absent?: boolean) => booleanOf(self, name, absent),
    numbers: (name: string) => numbersOf(self, name),
    shape: (name: string) => shapeOf(self, name),
    strings: (name: string) => stringsOf(self, name),
    dict: (name: string) => dictOf(self, name),
    object: (name: string) => objectOf(self, attribute(self, name), name),
    objects: (name: string) => itemsOf(self, name).map((item, index) => objectOf(self, item, `${name}[${index}]`)),
  });
}

function numbersOf(self: Instance, name: string): Float64Array {
  const value = attribute(self, name);
  if (isArray(value)) return toFloat64(readArray(value, pathOf(self, name)));
  return Float64Array.from(itemsOf(self, name), (item, index) => {
    const scalar = scalarOf(item);
    if (typeof scalar === "number" || typeof scalar === "bigint" || typeof scalar === "boolean") return Number(scalar);
    throw attributeError(self, `${name}[${index}]`, `a number was expected, not ${describeValue(item)}`);
  });
}

function shapeOf(self: Instance, name: string): readonly number[] {
  const value = attribute(self, name);
  return isArray(value) ? [...readArray(value, pathOf(self, name)).shape] : [itemsOf(self, name).length];
}

function stringsOf(self: Instance, name: string): readonly string[] {
  const value = attribute(self, name);
  if (isArray(value)) return [...toStrings(readArray(value, pathOf(self, name)))];
  return itemsOf(self, name).map((item, index) => {
    const scalar = scalarOf(item);
    if (typeof scalar === "string") return scalar;
    throw attributeError(self, `${name}[${index}]`, `a string was expected, not ${describeValue(item)}`);
  });
}

function dictOf(self: Instance, name: string): ReadonlyMap<PlainValue, PlainValue> {
  const value = attribute(self, name);
  const dict = isNode(value) && value.kind === "object" ? value.entries : value;
  if (!isNode(dict) || dict.kind !== "dict")
    throw attributeError(self, name, `a dict was expected, not ${describeValue(value)}`);
  const plain = (item: PyValue | undefined): PlainValue => {
    const scalar = scalarOf(item);
    if (scalar !== undefined) return scalar;
    throw attributeError(self, name, `a dict of plain values was expected; it holds ${describeValue(item)}`);
  };
  return new Map(dict.keys.map((key, index) => [plain(key), plain(dict.values[index])]));
}

function objectOf(self: Instance, value: PyValue | undefined, name: string): AttributeView {
  const inner = instanceOf(value, pathOf(self, name), self);
  if (inner === undefined) throw attributeError(self, name, `an object was expected, not ${describeValue(value)}`);
  return attributeView(inner);
}

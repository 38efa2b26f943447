// The files that test/golden/make_numpy.py recorded, and the plain form in which it recorded their values.
import { readdirSync, readFileSync } from "node:fs";
import type { NdArray } from "../../../src/formats/numpy/ndarray.ts";
import { field } from "../../../src/formats/numpy/structured.ts";
import type { Category } from "../../../src/formats/numpy/to-labels.ts";
import { toCategories } from "../../../src/formats/numpy/to-labels.ts";

export interface RecordedArray {
  readonly name: string;
  readonly how: string;
  readonly base64: string;
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}

interface ExpectedArray {
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}

interface Recorded {
  readonly versions: Readonly<Record<string, string>>;
  readonly arrays: readonly RecordedArray[];
  readonly npy: readonly { readonly name: string; readonly base64: string }[];
  readonly others: readonly { readonly name: string; readonly how: string; readonly base64: string }[];
  readonly joblib: {
    readonly arrays: Readonly<Record<string, ExpectedArray>>;
    readonly files: readonly {
      readonly compress: string | null;
      readonly protocol: number;
      readonly base64: string;
    }[];
  };
}

const folder = new URL("./recorded/", import.meta.url);

export const recordings: readonly Recorded[] = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** "numpy 2.3.5, pickle 4": a test's name says which writer and protocol made the file. */
export function writer(recording: Recorded, how: string): string {
  return `numpy ${recording.versions["numpy"]}, ${how}`;
}

/** An array in the form of the recordings. */
export function plainValues(array: NdArray): unknown[] {
  if (array.dtype.fields !== null) {
    const columns = array.dtype.fields.map(({ name, dtype }) => {
      const values = plainValues(field(array, name));
      const width = values.length / array.size;
      const cells = Array.from({ length: array.size }, (_, i) => values.slice(i * width, (i + 1) * width));
      return [name, dtype.subarray === null ? cells.flat() : cells] as const;
    });
    return Array.from({ length: array.size }, (_, i) =>
      Object.fromEntries(columns.map(([name, cells]) => [name, cells[i]])),
    );
  }
  return toCategories(array).map((category) => plainCategory(category, array.objects !== null));
}

function plainCategory(category: Category, boxed: boolean): unknown {
  if (category.type === "none") return null;
  const { type, value } = category;
  if (typeof value === "bigint") return { int: String(value) };
  if (type !== "float" || (Number.isFinite(value) && !boxed)) return value;
  return { float: pythonFloat(value) };
}

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

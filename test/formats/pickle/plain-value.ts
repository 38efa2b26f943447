// The inert tree without offsets and with cycles cut, so that two trees can be compared; the form that make_pickles.py records.
import type { PyDict, PyNode, PyValue } from "../../../src/formats/pickle/tree.ts";

export type Plain = null | boolean | string | { readonly [key: string]: Plain } | readonly Plain[];

export function plainValue(value: PyValue, open: readonly PyNode[] = []): Plain {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return { int: String(value) };
  const up = open.length - open.lastIndexOf(value);
  if (open.includes(value)) return { cycle: { int: String(up) } };
  const below = [...open, value];
  const each = (items: readonly PyValue[]): Plain[] => items.map((item) => plainValue(item, below));
  switch (value.kind) {
    case "float":
      return { float: hex(doubleBytes(value.value)) };
    case "bytes":
      return { [value.mutable ? "bytearray" : "bytes"]: hex(value.value) };
    case "tuple":
    case "list":
      return { [value.kind]: each(value.items) };
    case "set":
      return { [value.frozen ? "frozenset" : "set"]: sorted(each(value.items)) };
    case "dict":
      return { dict: entriesOf(value, below) };
    case "global":
      return { global: `${value.module}.${value.name}` };
    case "object":
      return {
        object: `${value.callee.module}.${value.callee.name}`,
        args: each(value.args.items),
        states: each(value.states),
        appended: each(value.appended),
        entries: value.entries === null ? [] : entriesOf(value.entries, below),
      };
  }
}

/** A recorded value in the same form: sets sorted, cycle counts as the tree has them. */
export function plainRecorded(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(plainRecorded);
  if (typeof value !== "object" || value === null) return value as Plain;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (key === "cycle") return [key, { int: String(inner) }];
      const plain = plainRecorded(inner);
      return [key, key === "set" || key === "frozenset" ? sorted(plain as Plain[]) : plain];
    }),
  );
}

function entriesOf(dict: PyDict, open: readonly PyNode[]): Plain[] {
  return dict.keys.map((key, i) => [plainValue(key, open), plainValue(dict.values[i] as PyValue, open)]);
}

function sorted(items: readonly Plain[]): Plain[] {
  return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

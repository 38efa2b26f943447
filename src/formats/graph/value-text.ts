// Plain values ⇄ JSON text. What JSON cannot say is a record with the one key that begins with `$`:
//
//   {"$n": "NaN" | "Infinity" | "-Infinity" | "-0"}   {"$i": "12345678901234567890"}   {"$a": 3} typed array number 3
//   {"$m": [[key, value], …]} a map                   {"$o": [[key, value], …]} a record with a key that begins with `$`, or
//                                                     is `__proto__`
//
// A member that is undefined is left out. Functions and objects of classes are no plain values.
import { trimaranError } from "../../base/errors.ts";

export type StoredArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array | Uint16Array;

const maxDepth = 100;

/** `place` numbers a typed array; the same array always gets the same number. @throws GRAPH_VALUE */
export function valueToText(value: unknown, place: (array: StoredArray) => number): string {
  const write = (each: unknown, depth: number): unknown => {
    if (depth > maxDepth) throw trimaranError("GRAPH_VALUE", { what: "a record that is nested without end" });
    if (each === null || typeof each === "string" || typeof each === "boolean") return each;
    if (typeof each === "number") {
      return Number.isFinite(each) && !Object.is(each, -0) ? each : { $n: Object.is(each, -0) ? "-0" : String(each) };
    }
    if (typeof each === "bigint") return { $i: String(each) };
    if (isStoredArray(each)) return { $a: place(each) };
    if (Array.isArray(each)) return each.map((item) => write(item ?? null, depth + 1));
    if (each instanceof Map) {
      return { $m: [...each].map(([key, item]) => [write(key, depth + 1), write(item, depth + 1)]) };
    }
    if (typeof each !== "object" || !isPlain(each)) {
      throw trimaranError("GRAPH_VALUE", {
        what: typeof each === "object" ? "an object of a class" : `a ${typeof each}`,
      });
    }
    const members = Object.entries(each).filter(([, item]) => item !== undefined);
    const written = members.map(([key, item]) => [key, write(item, depth + 1)] as const);
    const special = written.some(([key]) => key.startsWith("$") || key === "__proto__");
    return special ? { $o: written } : Object.fromEntries(written);
  };
  return JSON.stringify(write(value, 0));
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Throws a plain Error that says what is wrong with the text. */
export function textToValue(text: string, arrays: readonly StoredArray[]): unknown {
  const read = (each: unknown, depth: number): unknown => {
    if (typeof each !== "object" || each === null) return each;
    if (depth > maxDepth) throw new Error("it is nested too deep");
    // Thousands of names need no second list.
    if (Array.isArray(each)) return each.some(isRecord) ? each.map((item) => read(item, depth + 1)) : each;
    const entries = Object.entries(each);
    const [first] = entries;
    if (first?.[0].startsWith("$") === true) {
      if (entries.length !== 1) throw new Error("it holds a value that is not known");
      return special(first[0], first[1], depth);
    }
    if (Object.hasOwn(each, "__proto__")) throw new Error("it holds a value that is not known");
    for (const [key, item] of entries) (each as Record<string, unknown>)[key] = read(item, depth + 1);
    return each;
  };
  const special = (key: string, item: unknown, depth: number): unknown => {
    if (key === "$n" && typeof item === "string" && numbers.has(item)) return numbers.get(item);
    if (key === "$i" && typeof item === "string" && /^-?[0-9]{1,400}$/.test(item)) return BigInt(item);
    if (key === "$a" && typeof item === "number") {
      const array = arrays[item];
      if (array !== undefined) return array;
    }
    if (key === "$m") return new Map(pairs(item, depth));
    if (key === "$o") {
      const record: Record<string, unknown> = {};
      for (const [name, value] of pairs(item, depth)) {
        if (typeof name !== "string") throw new Error("it holds a value that is not known");
        Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
      }
      return record;
    }
    throw new Error("it holds a value that is not known");
  };
  const pairs = (list: unknown, depth: number): readonly (readonly [unknown, unknown])[] => {
    if (!Array.isArray(list)) throw new Error("it holds a value that is not known");
    return list.map((pair: unknown) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw new Error("it holds a value that is not known");
      return [read(pair[0], depth + 2), read(pair[1], depth + 2)];
    });
  };
  return read(JSON.parse(text), 0);
}

const numbers: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

export function isStoredArray(value: unknown): value is StoredArray {
  return (
    value instanceof Float64Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array ||
    value instanceof Float32Array ||
    value instanceof Uint32Array ||
    value instanceof Uint16Array
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

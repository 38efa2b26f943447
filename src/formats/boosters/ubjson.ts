// UBJSON (draft 12), as XGBoost writes it: big-endian, typed arrays, lengths mostly of 64 bits.
//
//   value   Z null   T F true, false   i U I l L  int8 uint8 int16 int32 int64   d D  float32 float64   N nothing
//           C char   S length bytes    [ values ]   [ # length values   [ $ type # length items
//           { (length bytes value)* }   { # length …   { $ type # length …
//   length  an integer with its type:  L 8 bytes
import { trimaranError } from "../../base/errors.ts";
import type { JsonValue, NumberArray } from "./json-value.ts";

const maxDepth = 64;

/** @throws FORMAT_TRUNCATED, FORMAT_DAMAGED, FORMAT_LIMIT */
export function readUbjson(bytes: Uint8Array, name: string): JsonValue {
  const reader = new UbjsonReader(bytes, name);
  const value = reader.value(0);
  reader.assertEnd();
  return value;
}

const code = (char: string): number => char.charCodeAt(0);
const marker = {
  ...{ null: code("Z"), true: code("T"), false: code("F"), nothing: code("N"), char: code("C"), string: code("S") },
  ...{ int8: code("i"), uint8: code("U"), int16: code("I"), int32: code("l"), int64: code("L") },
  ...{ float32: code("d"), float64: code("D"), type: code("$"), count: code("#") },
  ...{ array: code("["), arrayEnd: code("]"), object: code("{"), objectEnd: code("}") },
} as const;

const itemBytes: ReadonlyMap<number, number> = new Map([
  [marker.int8, 1],
  [marker.uint8, 1],
  [marker.int16, 2],
  [marker.int32, 4],
  [marker.int64, 8],
  [marker.float32, 4],
  [marker.float64, 8],
]);

interface Header {
  readonly type: number | null;
  readonly count: number | null;
}

class UbjsonReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;
  readonly #decoder: TextDecoder = new TextDecoder();
  #at = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
  }

  assertEnd(): void {
    if (this.#at < this.#bytes.length) throw this.#damaged("bytes follow the end of the model");
  }

  value(depth: number): JsonValue {
    return this.#valueOf(this.#marker(), depth);
  }

  #valueOf(type: number, depth: number): JsonValue {
    switch (type) {
      case marker.null:
        return null;
      case marker.true:
        return true;
      case marker.false:
        return false;
      case marker.char:
        return String.fromCharCode(this.#bytes[this.#skip(1)] as number);
      case marker.string:
        return this.#text();
      case marker.array:
        return this.#array(depth + 1);
      case marker.object:
        return this.#object(depth + 1);
      default:
        return this.#number(type);
    }
  }

  #array(depth: number): JsonValue {
    const { type, count } = this.#header(depth);
    if (type !== null && count !== null && itemBytes.has(type)) return this.#numbers(type, count);
    const items: JsonValue[] = [];
    for (;;) {
      if (count === null ? this.#ends(marker.arrayEnd) : items.length >= count) return items;
      items.push(this.#valueOf(type ?? this.#marker(), depth));
    }
  }

  #object(depth: number): JsonValue {
    const { type, count } = this.#header(depth);
    const members = new Map<string, JsonValue>();
    for (let read = 0; count === null ? !this.#ends(marker.objectEnd) : read < count; read++) {
      const key = this.#text();
      if (members.has(key)) throw this.#damaged("a key stands twice in an object");
      members.set(key, this.#valueOf(type ?? this.#marker(), depth));
    }
    // Own properties only, whatever the keys are called.
    return Object.fromEntries(members);
  }

  #header(depth: number): Header {
    if (depth > maxDepth) {
      const problem = "arrays and objects lie deeper in one another";
      throw trimaranError("FORMAT_LIMIT", { name: this.#name, limit: "maxDepth", max: maxDepth, problem });
    }
    const type = this.#ends(marker.type) ? this.#marker() : null;
    if (this.#ends(marker.count)) {
      const count = this.#length();
      // What takes no bytes of its own could be announced without end.
      const least = type === null ? 1 : (itemBytes.get(type) ?? 1);
      if (type === marker.null || type === marker.true || type === marker.false || type === marker.nothing) {
        throw this.#damaged("an array of a type without bytes");
      }
      if (count * least > this.#bytes.length - this.#at) throw this.#truncated(count * least);
      return { type, count };
    }
    if (type !== null) throw this.#damaged("a typed array has no length");
    return { type: null, count: null };
  }

  #numbers(type: number, count: number): NumberArray {
    const start = this.#skip(count * (itemBytes.get(type) ?? 1));
    const view = this.#view;
    switch (type) {
      case marker.uint8:
        return this.#bytes.slice(start, start + count);
      case marker.int8:
        return Int8Array.from(this.#bytes.subarray(start, start + count));
      case marker.int16:
        return fill(new Int16Array(count), (index) => view.getInt16(start + index * 2));
      case marker.int32:
        return fill(new Int32Array(count), (index) => view.getInt32(start + index * 4));
      case marker.int64:
        return fill(new Float64Array(count), (index) => Number(view.getBigInt64(start + index * 8)));
      case marker.float32:
        return fill(new Float32Array(count), (index) => view.getFloat32(start + index * 4));
      default:
        return fill(new Float64Array(count), (index) => view.getFloat64(start + index * 8));
    }
  }

  #number(type: number): number {
    const size = itemBytes.get(type);
    if (size === undefined) throw this.#damaged("a marker that UBJSON does not have");
    const start = this.#skip(size);
    const view = this.#view;
    switch (type) {
      case marker.int8:
        return view.getInt8(start);
      case marker.uint8:
        return view.getUint8(start);
      case marker.int16:
        return view.getInt16(start);
      case marker.int32:
        return view.getInt32(start);
      case marker.int64:
        return Number(view.getBigInt64(start));
      case marker.float32:
        return view.getFloat32(start);
      default:
        return view.getFloat64(start);
    }
  }

  #length(): number {
    const type = this.#marker();
    if (type === marker.float32 || type === marker.float64) throw this.#damaged("a length that is no whole number");
    const length = this.#number(type);
    if (length < 0 || !Number.isSafeInteger(length)) throw this.#damaged("a length that no file has");
    return length;
  }

  #text(): string {
    const length = this.#length();
    const start = this.#skip(length);
    return this.#decoder.decode(this.#bytes.subarray(start, start + length));
  }

  /** The next marker; "nothing" is skipped. */
  #marker(): number {
    let next: number = marker.nothing;
    while (next === marker.nothing) next = this.#bytes[this.#skip(1)] as number;
    return next;
  }

  /** Takes the marker if it comes next. */
  #ends(type: number): boolean {
    if (this.#bytes[this.#at] !== type) return false;
    this.#at++;
    return true;
  }

  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw this.#truncated(length);
    this.#at = start + length;
    return start;
  }

  #truncated(needed: number): Error {
    const left = this.#bytes.length - this.#at;
    return trimaranError("FORMAT_TRUNCATED", {
      name: this.#name,
      what: "a UBJSON value",
      needed,
      offset: this.#at,
      left,
    });
  }

  #damaged(problem: string): Error {
    return trimaranError("FORMAT_DAMAGED", { name: this.#name, problem, offset: this.#at });
  }
}

function fill<Numbers extends NumberArray>(target: Numbers, read: (index: number) => number): Numbers {
  for (let index = 0; index < target.length; index++) target[index] = read(index);
  return target;
}

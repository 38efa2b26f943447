// A small pickle writer for round trips: any inert tree without sharing, at protocols 0 to 5, each value by one of the
// opcodes that may write it.
import type { PyDict, PyValue } from "../../src/formats/pickle/tree.ts";
import { join, op, type Part, u16, u32, u64 } from "../formats/pickle/assemble.ts";

/** A choice among `count` ways to write the next thing. */
export type Choose = (count: number) => number;

export function writePickle(value: PyValue, protocol: number, choose: Choose): Uint8Array {
  const parts: Part[] = protocol >= 2 ? [op("PROTO", protocol)] : [];
  write(value, protocol, choose, parts);
  parts.push(op("STOP"));
  return join(...parts);
}

function write(value: PyValue, protocol: number, choose: Choose, out: Part[]): void {
  const below = (inner: PyValue): void => write(inner, protocol, choose, out);
  const marked = (items: readonly PyValue[], name: string): void => {
    out.push(op("MARK"));
    items.forEach(below);
    out.push(op(name));
  };
  const pick = (...ways: readonly (() => Part)[]): void => void out.push((ways[choose(ways.length)] as () => Part)());
  if (protocol >= 4 && choose(4) === 0) out.push(op("FRAME", u64(BigInt(choose(1000)))));
  if (value === null) out.push(op("NONE"));
  else if (typeof value === "boolean") {
    if (protocol < 2) out.push(op("INT", value ? "01\n" : "00\n"));
    else out.push(op(value ? "NEWTRUE" : "NEWFALSE"));
  } else if (typeof value === "number" || typeof value === "bigint") {
    pick(...integerWays(BigInt(value), protocol));
  } else if (typeof value === "string") pick(...textWays(value, protocol));
  else {
    switch (value.kind) {
      case "float":
        if (protocol === 0) out.push(op("FLOAT", `${floatText(value.value)}\n`));
        else out.push(op("BINFLOAT", bigEndian(value.value)));
        break;
      case "bytes":
        if (value.mutable) out.push(op("BYTEARRAY8", u64(BigInt(value.value.length)), value.value));
        else if (value.value.length < 256 && choose(2) === 0) {
          out.push(op("SHORT_BINBYTES", value.value.length, value.value));
        } else out.push(op("BINBYTES", u32(value.value.length), value.value));
        break;
      case "tuple":
        if (protocol >= 2 && value.items.length >= 1 && value.items.length <= 3 && choose(2) === 0) {
          value.items.forEach(below);
          out.push(op(`TUPLE${value.items.length}`));
        } else marked(value.items, "TUPLE");
        break;
      case "list":
        if (choose(2) === 0) marked(value.items, "LIST");
        else {
          out.push(op("EMPTY_LIST"));
          if (choose(2) === 0) marked(value.items, "APPENDS");
          else {
            for (const item of value.items) {
              below(item);
              out.push(op("APPEND"));
            }
          }
        }
        break;
      case "set":
        if (value.frozen) marked(value.items, "FROZENSET");
        else {
          out.push(op("EMPTY_SET"));
          marked(value.items, "ADDITEMS");
        }
        break;
      case "dict":
        if (choose(2) === 0) marked(flat(value), "DICT");
        else {
          out.push(op("EMPTY_DICT"));
          marked(flat(value), "SETITEMS");
        }
        break;
      case "global":
        out.push(op("GLOBAL", `${value.module}\n${value.name}\n`));
        break;
      case "object":
        below(value.callee);
        below(value.args);
        out.push(op("NEWOBJ"));
        for (const state of value.states) {
          below(state);
          out.push(op("BUILD"));
        }
        break;
    }
  }
  if (choose(3) === 0) out.push(op("LONG_BINPUT", u32(choose(1_000_000))));
}

function flat(dict: PyDict): PyValue[] {
  return dict.keys.flatMap((key, i) => [key, dict.values[i] as PyValue]);
}

function integerWays(value: bigint, protocol: number): (() => Part)[] {
  const ways = [(): Part => op("LONG", `${value}L\n`), (): Part => op("INT", `${value}\n`)];
  if (protocol >= 1 && value >= 0n && value < 256n) ways.push(() => op("BININT1", Number(value)));
  if (protocol >= 1 && value >= 0n && value < 65536n) ways.push(() => op("BININT2", u16(Number(value))));
  if (protocol >= 1 && BigInt.asIntN(32, value) === value) ways.push(() => op("BININT", u32(Number(value) >>> 0)));
  if (protocol >= 2) {
    const bytes = twosComplement(value);
    ways.push(
      () => op("LONG1", bytes.length, bytes),
      () => op("LONG4", u32(bytes.length), bytes),
    );
  }
  return ways;
}

function textWays(value: string, protocol: number): (() => Part)[] {
  const escaped = Array.from(value, (point) => {
    const code = point.codePointAt(0) as number;
    if (code < 0x100 && point !== "\n" && point !== "\\") return point;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
  const ways = [(): Part => op("UNICODE", `${escaped.join("")}\n`)];
  const bytes = surrogatePass(value);
  if (protocol >= 1) ways.push(() => op("BINUNICODE", u32(bytes.length), bytes));
  if (protocol >= 4) ways.push(() => op("BINUNICODE8", u64(BigInt(bytes.length)), bytes));
  if (protocol >= 4 && bytes.length < 256) ways.push(() => op("SHORT_BINUNICODE", bytes.length, bytes));
  return ways;
}

function twosComplement(value: bigint): Uint8Array {
  let size = 0;
  while (BigInt.asIntN(8 * size, value) !== value) size++;
  return Uint8Array.from({ length: size }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
}

function surrogatePass(text: string): Uint8Array {
  const parts = Array.from(text, (point) => {
    const code = point.codePointAt(0) as number;
    if (code < 0xd800 || code > 0xdfff) return new TextEncoder().encode(point);
    return Uint8Array.from([0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
  });
  return join(...parts);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

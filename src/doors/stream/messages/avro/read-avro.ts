// Avro's binary encoding → plain values. A type becomes a function once; what a message says of lengths is held against the bytes
// that are there before anything is allocated.
//
//     int, long   zigzag varint, least significant group first        float, double   little-endian IEEE 754
//     bytes       long length, bytes    string  the same, UTF-8       array, map      blocks: long count (negative: and long size), items; 0 ends
//     union       long branch, value    enum    int symbol            record          its fields, one behind the other
import { isUtf8 } from "node:buffer";
import { AvroFault, type AvroType, type Logical } from "./avro-type.ts";
import { decimalText, logicalText } from "./logical-text.ts";

export interface AvroReadOptions {
  /** Decimals as text with all their digits: for what is copied and not computed with. @default false: as numbers */
  readonly exact?: boolean;
  /** @default 64 */
  readonly maxDepth?: number;
}

/** @throws AvroFault for bytes that are no such value, or more than one */
export type AvroReader = (bytes: Uint8Array) => unknown;

export function avroReader(type: AvroType, { exact = false, maxDepth = 64 }: AvroReadOptions = {}): AvroReader {
  const read = new Compiler(exact).compile(type);
  return (bytes) => {
    const cursor = new Cursor(bytes, maxDepth);
    const value = read(cursor);
    if (cursor.at !== bytes.length) throw new AvroFault(`${bytes.length - cursor.at} bytes follow the value`);
    return value;
  };
}

type Read = (cursor: Cursor) => unknown;

class Cursor {
  at = 0;
  depth = 0;
  readonly #bytes: Buffer;
  readonly #maxDepth: number;
  /** Items of arrays and maps that may still come: most take a byte, but those of nothing (null, an empty record) take none. */
  #items: number;
  /** Records, arrays and maps that may still begin: records of nothing, each twice in the next, would be more than there are atoms. */
  #nested: number;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#maxDepth = maxDepth;
    this.#items = bytes.length + 1024;
    this.#nested = (bytes.length + 1024) * maxDepth;
  }

  enter(): void {
    if (++this.depth > this.#maxDepth) throw new AvroFault(`it is nested deeper than ${this.#maxDepth}`);
    if (--this.#nested < 0) throw new AvroFault("it holds more records than its bytes can hold");
  }

  takeItems(count: number): void {
    this.#items -= count;
    if (this.#items < 0) throw new AvroFault("it says that it has more items than its bytes can hold");
  }

  /** Numbers as far as they are exact, else bigints. */
  long(): number | bigint {
    const bytes = this.#bytes;
    let value = 0;
    let scale = 1;
    const start = this.at;
    // Seven groups are 49 bits, which a double holds.
    for (let index = 0; index < 7; index++) {
      const byte = bytes[this.at++];
      if (byte === undefined) throw new AvroFault("it ends too early");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    return this.#longFrom(start);
  }

  #longFrom(start: number): number | bigint {
    let value = 0n;
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes[start + index];
      if (byte === undefined) throw new AvroFault("it ends too early");
      value |= BigInt(byte & 0x7f) << BigInt(index * 7);
      if (byte >= 0x80) continue;
      this.at = start + index + 1;
      const signed = (value >> 1n) ^ -(value & 1n);
      if (BigInt.asIntN(64, signed) !== signed) break;
      const close = Number(signed);
      return Number.isSafeInteger(close) ? close : signed;
    }
    throw new AvroFault("a number is longer than 64 bits");
  }

  count(): number {
    const count = this.long();
    if (typeof count === "bigint") throw new AvroFault("a length is larger than 2^53");
    return count;
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.#bytes.length - this.at) throw new AvroFault("it ends too early");
    const start = this.at;
    this.at += length;
    return this.#bytes.subarray(start, this.at);
  }

  text(): string {
    const bytes = this.take(this.count());
    if (!isUtf8(bytes)) throw new AvroFault("a string is not UTF-8");
    return bytes.toString("utf8");
  }
}

class Compiler {
  readonly #records = new Map<AvroType, { read: Read }>();
  readonly #exact: boolean;

  constructor(exact: boolean) {
    this.#exact = exact;
  }

  compile(type: AvroType): Read {
    switch (type.kind) {
      case "null":
        return () => null;
      case "boolean":
        return booleanOf;
      case "int":
        return this.#logical(type.logical, intOf);
      case "long":
        return this.#logical(type.logical, (cursor) => cursor.long());
      case "float":
        return (cursor) => cursor.take(4).readFloatLE();
      case "double":
        return (cursor) => cursor.take(8).readDoubleLE();
      case "bytes":
        return this.#bytes(type.logical, (cursor) => cursor.take(cursor.count()));
      case "string":
        return (cursor) => cursor.text();
      case "fixed": {
        const { size } = type;
        return this.#bytes(type.logical, (cursor) => cursor.take(size));
      }
      case "enum":
        return enumOf(type.symbols);
      case "union":
        return this.#union(type.branches);
      case "array":
        return arrayOf(this.compile(type.items));
      case "map":
        return mapOf(this.compile(type.values));
      case "record":
        return this.#record(type);
    }
  }

  #record(type: Extract<AvroType, { kind: "record" }>): Read {
    const known = this.#records.get(type);
    // A record inside itself: its reader is there by the time that it is called.
    if (known !== undefined) return (cursor) => known.read(cursor);
    const box: { read: Read } = { read: () => undefined };
    this.#records.set(type, box);
    const names = type.fields.map(({ name }) => name);
    const reads = type.fields.map((field) => this.compile(field.type));
    const isPlain = !names.includes("__proto__");
    box.read = (cursor) => {
      cursor.enter();
      const record: Record<string, unknown> = {};
      for (let index = 0; index < names.length; index++) {
        const value = reads[index]!(cursor);
        if (isPlain) record[names[index]!] = value;
        else own(record, names[index]!, value);
      }
      cursor.depth--;
      return record;
    };
    return box.read;
  }

  #union(branches: readonly AvroType[]): Read {
    const reads = branches.map((branch) => this.compile(branch));
    return (cursor) => {
      const read = reads[cursor.count()];
      if (read === undefined) throw new AvroFault("a union has no such branch");
      return read(cursor);
    };
  }

  #logical(logical: Logical | undefined, read: (cursor: Cursor) => number | bigint): Read {
    if (logical === undefined || logical.name === "decimal") return read;
    const { name } = logical;
    return (cursor) => {
      const text = logicalText(name, read(cursor));
      if (text === undefined) throw new AvroFault(`a ${name} is out of range`);
      return text;
    };
  }

  #bytes(logical: Logical | undefined, read: (cursor: Cursor) => Buffer): Read {
    switch (logical?.name) {
      case "decimal": {
        const { scale } = logical as Extract<Logical, { name: "decimal" }>;
        const exact = this.#exact;
        return (cursor) => {
          const bytes = read(cursor);
          if (bytes.length > maxDecimalBytes) throw new AvroFault("a decimal is too long");
          const text = decimalText(bytes, scale);
          return exact ? text : Number(text);
        };
      }
      case "uuid":
        return (cursor) =>
          read(cursor)
            .toString("hex")
            .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      case "duration":
        return (cursor) => {
          const bytes = read(cursor);
          return { months: bytes.readUInt32LE(0), days: bytes.readUInt32LE(4), millis: bytes.readUInt32LE(8) };
        };
      default:
        return (cursor) => read(cursor).toString("base64");
    }
  }
}

/** Of 1,000 digits, which is the precision that a schema may ask for. */
const maxDecimalBytes = 416;

function booleanOf(cursor: Cursor): boolean {
  const byte = cursor.take(1)[0]!;
  if (byte > 1) throw new AvroFault("a boolean is neither 0 nor 1");
  return byte === 1;
}

function intOf(cursor: Cursor): number {
  const value = cursor.count();
  if (value !== (value | 0)) throw new AvroFault("an int is longer than 32 bits");
  return value;
}

function enumOf(symbols: readonly string[]): Read {
  return (cursor) => {
    const symbol = symbols[cursor.count()];
    if (symbol === undefined) throw new AvroFault("an enum has no such symbol");
    return symbol;
  };
}

function arrayOf(read: Read): Read {
  return (cursor) => {
    const items: unknown[] = [];
    cursor.enter();
    for (let left = block(cursor); left > 0; left = block(cursor)) {
      for (; left > 0; left--) items.push(read(cursor));
    }
    cursor.depth--;
    return items;
  };
}

function mapOf(read: Read): Read {
  return (cursor) => {
    const members: Record<string, unknown> = {};
    cursor.enter();
    for (let left = block(cursor); left > 0; left = block(cursor)) {
      for (; left > 0; left--) own(members, cursor.text(), read(cursor));
    }
    cursor.depth--;
    return members;
  };
}

/** How many items the next block has. A negative count is followed by the block's size, which only skipping needs. */
function block(cursor: Cursor): number {
  const count = cursor.count();
  if (count < 0) cursor.count();
  const items = Math.abs(count);
  cursor.takeItems(items);
  return items;
}

/** `__proto__` is a name like any other. */
function own(members: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
  } else members[name] = value;
}

// Thrift's compact protocol, as far as the footer of a Parquet file needs it: a struct is read to a tree that keeps what it does not
// know, and written back.
//
//   struct  = (field-header value)* 0x00
//   field   = high nibble: delta to the field id before it, or 0 and a zigzag varint behind; low nibble: the type
//   list    = high nibble: size, or 15 and a varint behind; low nibble: the type of the items
//   integers are zigzag varints; binary is a varint length and bytes; in a struct true and false are types of their own

export interface ThriftField {
  readonly id: number;
  readonly type: number;
  value: ThriftValue;
}

export type ThriftStruct = ThriftField[];

export interface ThriftList {
  readonly itemType: number;
  readonly items: ThriftValue[];
}

/** A struct, a list, an integer, a double's eight bytes or binary; null for true and false, which are types. */
export type ThriftValue = ThriftStruct | ThriftList | bigint | Uint8Array | number | null;

export const thriftTypes = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
} as const;
const structType = 12;
const maxDepth = 32;

/** @throws RangeError where the bytes end too early or say nothing that is known */
export function readThriftStruct(bytes: Uint8Array): ThriftStruct {
  return new Reader(bytes).struct(0);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): ThriftStruct {
    if (depth > maxDepth) throw new RangeError("thrift: nested too deep");
    const fields: ThriftStruct = [];
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const delta = head >> 4;
      id = delta === 0 ? Number(this.#zigzag()) : id + delta;
      fields.push({ id, type: head & 15, value: this.#value(head & 15, depth) });
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case thriftTypes.true:
      case thriftTypes.false:
        return null;
      case thriftTypes.byte:
        return this.#byte();
      case thriftTypes.i16:
      case thriftTypes.i32:
      case thriftTypes.i64:
        return this.#zigzag();
      case thriftTypes.double:
        return this.#take(8);
      case thriftTypes.binary:
        return this.#take(Number(this.#varint()));
      case thriftTypes.list:
      case thriftTypes.set:
        return this.#list(depth);
      case structType:
        return this.struct(depth + 1);
      default:
        throw new RangeError("thrift: an unknown type");
    }
  }

  #list(depth: number): ThriftList {
    const head = this.#byte();
    const size = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    if (size > this.#bytes.length) throw new RangeError("thrift: a list is longer than its file");
    const itemType = head & 15;
    const items: ThriftValue[] = [];
    // In a list true and false take a byte each.
    const isFlag = itemType === thriftTypes.true || itemType === thriftTypes.false;
    for (let at = 0; at < size; at++) items.push(isFlag ? this.#byte() : this.#value(itemType, depth + 1));
    return { itemType, items };
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("thrift: cut off");
    return byte;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("thrift: cut off");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError("thrift: a number is too long");
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }
}

export function writeThriftStruct(struct: ThriftStruct): Uint8Array {
  const chunks: Uint8Array[] = [];
  writeStruct(struct, (bytes) => chunks.push(bytes));
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

type Put = (bytes: Uint8Array) => void;

function writeStruct(struct: ThriftStruct, put: Put): void {
  let last = 0;
  for (const { id, type, value } of struct) {
    const delta = id - last;
    if (delta > 0 && delta <= 15) put(Uint8Array.of((delta << 4) | type));
    else {
      put(Uint8Array.of(type));
      put(zigzag(BigInt(id)));
    }
    last = id;
    writeValue(type, value, put);
  }
  put(Uint8Array.of(0));
}

function writeValue(type: number, value: ThriftValue, put: Put): void {
  if (value === null) return;
  if (typeof value === "number") put(Uint8Array.of(value));
  else if (typeof value === "bigint") put(zigzag(value));
  else if (value instanceof Uint8Array) {
    if (type === thriftTypes.binary) put(varint(BigInt(value.length)));
    put(value);
  } else if (Array.isArray(value)) writeStruct(value, put);
  else {
    const { itemType, items } = value;
    put(Uint8Array.of((Math.min(items.length, 15) << 4) | itemType));
    if (items.length >= 15) put(varint(BigInt(items.length)));
    for (const item of items) writeValue(itemType, item, put);
  }
}

function zigzag(value: bigint): Uint8Array {
  return varint(value >= 0n ? value << 1n : (-value << 1n) - 1n);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

// Protocol buffers, the writing half:
//
//   message  := field*            field := tag payload       tag := varint(number << 3 | wire)
//   wire 0   varint               wire 2  varint(length) bytes (strings, messages, packed numbers)
//   wire 5   4 bytes, little-endian
//   varint   7 bits a byte, lowest first, the high bit set on all but the last; negative numbers as 64-bit two's complement
//
// A message is a list of chunks, so that a nested one is never copied before the whole is joined.

export interface Message {
  readonly byteLength: number;
  readonly chunks: readonly Uint8Array[];
}

export interface MessageWriter {
  varint(field: number, value: number): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  message(field: number, value: Message): void;
  float(field: number, value: number): void;
  /** Packed varints. */
  integers(field: number, values: ArrayLike<number>): void;
  /** Packed float32. */
  floats(field: number, values: ArrayLike<number>): void;
  finish(): Message;
}

export function messageWriter(): MessageWriter {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  const push = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    byteLength += chunk.length;
  };
  const head = (field: number, wire: number): void => push(varintBytes(field * 8 + wire));
  const bytes = (field: number, value: Uint8Array): void => {
    head(field, 2);
    push(varintBytes(value.length));
    push(value);
  };
  return {
    varint(field, value) {
      head(field, 0);
      push(varintBytes(value));
    },
    text: (field, value) => bytes(field, encoder.encode(value)),
    bytes,
    message(field, value) {
      head(field, 2);
      push(varintBytes(value.byteLength));
      for (const chunk of value.chunks) push(chunk);
    },
    float(field, value) {
      head(field, 5);
      push(littleEndian(Float32Array.of(value)));
    },
    integers(field, values) {
      const packed = new Uint8Array(values.length * 10);
      let length = 0;
      for (let at = 0; at < values.length; at++) length = putVarint(packed, length, values[at] as number);
      bytes(field, packed.slice(0, length));
    },
    floats: (field, values) => bytes(field, littleEndian(Float32Array.from(values))),
    finish: () => ({ byteLength, chunks }),
  };
}

export function messageBytes(message: Message): Uint8Array {
  const joined = new Uint8Array(message.byteLength);
  let offset = 0;
  for (const chunk of message.chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/** The numbers' own bytes, lowest first, whatever the machine. */
export function littleEndian(values: Float64Array | Float32Array | BigInt64Array | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
  if (isLittleEndian || values.BYTES_PER_ELEMENT === 1) return bytes;
  for (let at = 0; at < bytes.length; at += values.BYTES_PER_ELEMENT) {
    bytes.subarray(at, at + values.BYTES_PER_ELEMENT).reverse();
  }
  return bytes;
}

const encoder = new TextEncoder();
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function varintBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(10);
  return bytes.slice(0, putVarint(bytes, 0, value));
}

/** Returns the offset behind what it wrote. `value` is a safe integer. */
function putVarint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset;
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes[at++] = Number(rest & 127n) | 128;
    bytes[at++] = Number(rest);
    return at;
  }
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
  bytes[at++] = rest;
  return at;
}

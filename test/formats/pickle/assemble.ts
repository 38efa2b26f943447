// Hand-assembled pickles: opcodes by name and their arguments, as bytes.
import { opcodes } from "../../../src/formats/pickle/opcodes.ts";

/** An opcode name, text (ASCII bytes as they stand), a byte, or bytes. */
export type Part = string | number | Uint8Array;

const byteOf: ReadonlyMap<string, number> = new Map(opcodes.map(({ name, byte }) => [name, byte]));

/** `op("BININT1", 5)`: the opcode's byte, then its argument as it stands. */
export function op(name: string, ...argument: readonly Part[]): Uint8Array {
  const byte = byteOf.get(name);
  if (byte === undefined) throw new Error(`no opcode ${name}`);
  return join(byte, ...argument);
}

export function join(...parts: readonly Part[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === "number") bytes.push(part);
    else for (const byte of typeof part === "string" ? Buffer.from(part, "latin1") : part) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

export function u16(value: number): Uint8Array {
  return join(value & 0xff, value >> 8);
}

export function u32(value: number): Uint8Array {
  return join(u16(value & 0xffff), u16(value >>> 16));
}

export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes;
}

/** SHORT_BINUNICODE of ASCII text. */
export function text(value: string): Uint8Array {
  return op("SHORT_BINUNICODE", value.length, value);
}

/** STACK_GLOBAL of a module and a name. */
export function stackGlobal(module: string, name: string): Uint8Array {
  return join(text(module), text(name), op("STACK_GLOBAL"));
}

/** A whole pickle of protocol 4. */
export function pickle(...parts: readonly Part[]): Uint8Array {
  return join(op("PROTO", 4), ...parts, op("STOP"));
}

/** Many times the same bytes. */
export function repeat(part: Uint8Array, times: number): Uint8Array {
  const bytes = new Uint8Array(part.length * times);
  for (let i = 0; i < times; i++) bytes.set(part, i * part.length);
  return bytes;
}

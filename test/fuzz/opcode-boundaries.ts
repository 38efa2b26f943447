// Where each opcode of a pickle begins, found by the opcode table alone (the machine under test has no say).
import { opcodes } from "../../src/formats/pickle/opcodes.ts";

const kinds = new Map(opcodes.map((opcode) => [opcode.byte, opcode.argument]));

/** The offsets of all opcodes, the last being STOP. */
export function opcodeBoundaries(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    found.push(at);
    const byte = bytes[at] ?? 0;
    if (byte === 0x2e) break;
    at = argumentEnd(view, bytes, at + 1, byte);
  }
  return found;
}

function argumentEnd(view: DataView, bytes: Uint8Array, at: number, byte: number): number {
  const line = (from: number): number => bytes.indexOf(0x0a, from) + 1;
  switch (kinds.get(byte)) {
    case "none":
      return at;
    case "u8":
      return at + 1;
    case "u16":
      return at + 2;
    case "u32":
    case "i32":
      return at + 4;
    case "u64":
    case "f64be":
      return at + 8;
    case "line":
      return line(at);
    case "two-lines":
      return line(line(at));
    case "bytes-u8":
      return at + 1 + view.getUint8(at);
    case "bytes-u32":
    case "bytes-i32":
      return at + 4 + view.getUint32(at, true);
    case "bytes-u64":
      return at + 8 + Number(view.getBigUint64(at, true));
    default:
      throw new Error(`no opcode ${byte} at ${at - 1}`);
  }
}

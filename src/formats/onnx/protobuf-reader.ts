// Protocol buffers, the reading half (the grammar stands in protobuf-writer.ts). Lengths are checked before anything is taken.
import { trimaranError } from "../../base/errors.ts";

/** One field: `value` of a varint, `bytes` of what has a length; fixed-size fields have neither. */
export interface ProtoField {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array | null;
}

/** The fields of a message in their order; `name` is the file's, for errors. @throws FORMAT_DAMAGED */
export function* protoFields(message: Uint8Array, name: string): Generator<ProtoField> {
  let at = 0;
  const damaged = (problem: string): Error =>
    trimaranError("FORMAT_DAMAGED", { name, problem, offset: message.byteOffset + at });
  /** Beyond 2^53 digits are lost; no field that we look at is that large. */
  const varint = (): number => {
    let value = 0;
    for (let shift = 1, count = 0; count < 10; count++, shift *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw damaged("a number is cut off");
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw damaged("a number has more than 10 bytes");
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw damaged("a field has the number 0");
    const wire = tag % 8;
    if (wire === 0) yield { number, value: varint(), bytes: null };
    else if (wire === 2) {
      const length = varint();
      if (length > message.length - at) throw damaged("a field is longer than what holds it");
      yield { number, value: 0, bytes: message.subarray(at, at + length) };
      at += length;
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
      if (at > message.length) throw damaged("a number is cut off");
      yield { number, value: 0, bytes: null };
    } else throw damaged(`a field has the wire type ${wire}`);
  }
}

/** A repeated varint field, packed or not. */
export function* packedVarints(field: ProtoField, name: string): Generator<number> {
  if (field.bytes === null) {
    yield field.value;
    return;
  }
  let value = 0;
  let shift = 1;
  for (const byte of field.bytes) {
    value += (byte & 127) * shift;
    shift *= 128;
    if (byte < 128) {
      yield value;
      value = 0;
      shift = 1;
    } else if (shift > 2 ** 70)
      throw trimaranError("FORMAT_DAMAGED", {
        name,
        problem: "a number has more than 10 bytes",
        offset: field.bytes.byteOffset,
      });
  }
}

const decoder = new TextDecoder();

export function protoText(bytes: Uint8Array | null): string {
  return bytes === null ? "" : decoder.decode(bytes);
}

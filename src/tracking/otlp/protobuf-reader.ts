// Fields of a protobuf message, one after the other. Nothing is copied, and what is cut off or malformed is refused.
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";

export interface ProtoField {
  readonly number: number;
  /** Of varints and fixed numbers, as their bits; 0 for bytes. */
  readonly bits: bigint;
  /** Empty for numbers. */
  readonly bytes: Uint8Array;
}

const none = new Uint8Array(0);

/** @throws WireError */
export function* protoFields(message: Uint8Array): Generator<ProtoField> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw malformed();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed();
  };
  const skip = (length: number): number => {
    const start = at;
    at += length;
    if (at > message.length) throw malformed();
    return start;
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, bits: varint(), bytes: none };
        break;
      case 1:
        yield { number, bits: view.getBigUint64(skip(8), true), bytes: none };
        break;
      case 2: {
        const length = Number(varint());
        const start = skip(length);
        yield { number, bits: 0n, bytes: message.subarray(start, start + length) };
        break;
      }
      case 5:
        yield { number, bits: BigInt(view.getUint32(skip(4), true)), bytes: none };
        break;
      default:
        throw malformed();
    }
  }
}

const decoder = new TextDecoder();

export function protoText({ bytes }: ProtoField): string {
  return decoder.decode(bytes);
}

export function malformed(): Error {
  return invalidParameter("Invalid OpenTelemetry format");
}

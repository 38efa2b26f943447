// The frame that serializers of a schema registry put around a message: `00`, the schema's id as four bytes big-endian, the body.
import { refused } from "../read-message-json.ts";
import type { RefusedMessage } from "../shape.ts";

export interface FramedMessage {
  readonly kind: "framed";
  readonly id: number;
  readonly body: Uint8Array;
}

export function readFrame(value: Uint8Array | null): FramedMessage | RefusedMessage {
  if (value === null || value.length === 0) return refused("empty", "The message has no value.");
  const id = schemaIdOf(value);
  if (id === undefined) {
    return refused("not_framed", "The message does not begin with the byte 0 and the id of a schema.");
  }
  return { kind: "framed", id, body: value.subarray(5) };
}

/** Undefined: it is not framed. */
export function schemaIdOf(value: Uint8Array | null): number | undefined {
  if (value === null || value.length < 5 || value[0] !== 0) return undefined;
  return ((value[1]! << 24) | (value[2]! << 16) | (value[3]! << 8) | value[4]!) >>> 0;
}

export function frame(id: number, body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(5 + body.length);
  framed[0] = 0;
  framed.writeUInt32BE(id, 1);
  framed.set(body, 5);
  return framed;
}

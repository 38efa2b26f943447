// Records that the Kinesis Producer Library has packed into one, taken apart again:
//
//     aggregated = F3 89 9A C2, message, MD5 of the message (16 bytes)
//     message    = protobuf { 1: repeated string partition key; 2: repeated string hash key; 3: repeated record }
//     record     = protobuf { 1: index of its partition key; 2: index of its hash key; 3: bytes data; 4: repeated tag }
import { createHash } from "node:crypto";

export interface UserRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

const magic = Buffer.of(0xf3, 0x89, 0x9a, 0xc2);
const digestBytes = 16;

/** Null: it is a record like any other, also when it only begins like a packed one. */
export function unpackRecord(value: Buffer): readonly UserRecord[] | null {
  if (value.length < magic.length + digestBytes || !value.subarray(0, magic.length).equals(magic)) return null;
  const message = value.subarray(magic.length, value.length - digestBytes);
  const digest = createHash("md5").update(message).digest();
  if (!digest.equals(value.subarray(value.length - digestBytes))) return null;
  const keys: string[] = [];
  const packed: Buffer[] = [];
  const isSound = eachField(message, (field, value) => {
    if (field === 1 && typeof value !== "number") keys.push(value.toString("utf8"));
    if (field === 3 && typeof value !== "number") packed.push(value);
  });
  if (!isSound) return null;
  const records: UserRecord[] = [];
  for (const bytes of packed) {
    let partitionKey: string | undefined;
    let data: Buffer | undefined;
    const isRecord = eachField(bytes, (field, value) => {
      if (field === 1 && typeof value === "number") partitionKey = keys[value];
      if (field === 3 && typeof value !== "number") data = value;
    });
    if (!isRecord || partitionKey === undefined || data === undefined) return null;
    records.push({ partitionKey, data });
  }
  return records;
}

/** False: the bytes are no protobuf message of numbers and bytes. */
function eachField(bytes: Buffer, visit: (field: number, value: number | Buffer) => void): boolean {
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) {
    const tag = varint(bytes, cursor);
    if (tag === undefined) return false;
    const field = Math.floor(tag / 8);
    const value = varint(bytes, cursor);
    if (value === undefined) return false;
    if (tag % 8 === 0) visit(field, value);
    else if (tag % 8 === 2 && value <= bytes.length - cursor.at) {
      visit(field, bytes.subarray(cursor.at, cursor.at + value));
      cursor.at += value;
    } else return false;
  }
  return true;
}

/** Undefined: there is none, or it is larger than any length or index here. */
function varint(bytes: Buffer, cursor: { at: number }): number | undefined {
  let value = 0;
  for (let scale = 1; scale < 2 ** 42; scale *= 128) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  return undefined;
}

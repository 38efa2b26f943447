// OTLP's JSON as OTLP's protobuf, which is read in one place: trace and span identifiers are hexadecimal, 64-bit numbers may be
// texts, enumerations are numbers or names, names of fields are in camelCase.
import { isUtf8 } from "node:buffer";
import { malformed } from "./protobuf-reader.ts";

const maxDepth = 64;

/** An ExportTraceServiceRequest; what is no span in it is left out. @throws WireError */
export function protobufOfJson(body: Uint8Array): Uint8Array {
  const request = recordOf(parsed(body));
  const parts = listOf(request["resourceSpans"]).map((resource) =>
    field(
      1,
      messages(2, recordOf(resource)["scopeSpans"], (scope) => messages(2, scope["spans"], span)),
    ),
  );
  return Buffer.concat(parts);
}

function parsed(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw malformed();
  try {
    return JSON.parse(Buffer.from(body).toString("utf8")) as unknown;
  } catch {
    throw malformed();
  }
}

type JsonRecord = Readonly<Record<string, unknown>>;

function span(json: JsonRecord): Buffer {
  return Buffer.concat([
    field(1, hexBytes(json["traceId"])),
    field(2, hexBytes(json["spanId"])),
    field(4, hexBytes(json["parentSpanId"])),
    field(5, text(json["name"])),
    varintField(6, enumNumber(json["kind"], kinds)),
    fixedField(7, json["startTimeUnixNano"]),
    fixedField(8, json["endTimeUnixNano"]),
    attributes(9, json["attributes"], 0),
    messages(11, json["events"], (event) =>
      Buffer.concat([
        fixedField(1, event["timeUnixNano"]),
        field(2, text(event["name"])),
        attributes(3, event["attributes"], 0),
      ]),
    ),
    messages(13, json["links"], (link) =>
      Buffer.concat([
        field(1, hexBytes(link["traceId"])),
        field(2, hexBytes(link["spanId"])),
        attributes(4, link["attributes"], 0),
      ]),
    ),
    json["status"] === undefined ? empty : field(15, status(recordOf(json["status"]))),
  ]);
}

const kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (name) => `SPAN_KIND_${name}`,
);
const codes = ["UNSET", "OK", "ERROR"].map((name) => `STATUS_CODE_${name}`);

function status(json: JsonRecord): Buffer {
  return Buffer.concat([field(2, text(json["message"])), varintField(3, enumNumber(json["code"], codes))]);
}

function attributes(number: number, list: unknown, depth: number): Buffer {
  return messages(number, list, (pair) =>
    Buffer.concat([field(1, text(pair["key"])), field(2, anyValue(recordOf(pair["value"] ?? {}), depth))]),
  );
}

function anyValue(json: JsonRecord, depth: number): Buffer {
  if (depth > maxDepth) throw malformed();
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = json;
  if (stringValue !== undefined) return field(1, text(stringValue), true);
  if (boolValue !== undefined) return Buffer.from([0x10, boolValue === true ? 1 : 0]);
  if (intValue !== undefined) return Buffer.concat([Buffer.from([0x18]), varint(BigInt.asUintN(64, whole(intValue)))]);
  if (doubleValue !== undefined) return Buffer.concat([Buffer.from([0x21]), double(doubleValue)]);
  if (arrayValue !== undefined) {
    return field(
      5,
      messages(1, recordOf(arrayValue)["values"], (each) => anyValue(each, depth + 1)),
      true,
    );
  }
  if (kvlistValue !== undefined) return field(6, attributes(1, recordOf(kvlistValue)["values"], depth + 1), true);
  if (typeof bytesValue === "string") return field(7, Buffer.from(bytesValue, "base64"), true);
  return empty;
}

const empty = Buffer.alloc(0);

function messages(number: number, list: unknown, write: (json: JsonRecord) => Buffer): Buffer {
  return Buffer.concat(listOf(list).map((each) => field(number, write(recordOf(each)), true)));
}

/** A field of bytes; without any it is left out, unless its presence says something. */
function field(number: number, bytes: Buffer, isPresent = false): Buffer {
  if (bytes.length === 0 && !isPresent) return empty;
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

function varintField(number: number, value: number): Buffer {
  return value === 0 ? empty : Buffer.concat([varint(BigInt(number * 8)), varint(BigInt(value))]);
}

function fixedField(number: number, value: unknown): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, whole(value ?? 0)));
  return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const part = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? part : part | 0x80);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

function double(value: unknown): Buffer {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number") throw malformed();
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return bytes;
}

function whole(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  // A number of nanoseconds is beyond what JSON's numbers hold exactly; some send it so.
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw malformed();
}

function enumNumber(value: unknown, names: readonly string[]): number {
  if (value === undefined) return 0;
  const number = typeof value === "string" ? names.indexOf(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 0 || number > 100) throw malformed();
  return number;
}

function hexBytes(value: unknown): Buffer {
  if (value === undefined || value === "") return empty;
  if (typeof value !== "string" || !/^(?:[0-9a-f]{2}){1,16}$/i.test(value)) throw malformed();
  return Buffer.from(value, "hex");
}

function text(value: unknown): Buffer {
  if (value === undefined) return empty;
  if (typeof value !== "string") throw malformed();
  return Buffer.from(value, "utf8");
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed();
  return value;
}

function recordOf(value: unknown): JsonRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
  return value as JsonRecord;
}

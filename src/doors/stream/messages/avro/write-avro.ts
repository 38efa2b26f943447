// Plain values → Avro's binary encoding (its grammar stands above `read-avro.ts`). A value that does not fit its type is a fault
// that names the place, never the value.
import { AvroFault, type AvroType, type Logical } from "./avro-type.ts";
import { decimalBytes, logicalNumber } from "./logical-text.ts";

/** @throws AvroFault */
export function writeAvro(type: AvroType, value: unknown): Buffer {
  const chunks: Buffer[] = [];
  write(type, value, { chunks, path: "" });
  return Buffer.concat(chunks);
}

interface Sink {
  readonly chunks: Buffer[];
  readonly path: string;
}

function write(type: AvroType, value: unknown, sink: Sink): void {
  if (!fits(type, value)) throw new AvroFault(`${sink.path || "the value"} is no ${type.kind}`);
  const { chunks } = sink;
  switch (type.kind) {
    case "null":
      return;
    case "boolean":
      chunks.push(Buffer.from([value === true ? 1 : 0]));
      return;
    case "int":
    case "long":
      chunks.push(varint(integerOf(type.logical, value)!));
      return;
    case "float":
    case "double": {
      const bytes = Buffer.allocUnsafe(type.kind === "float" ? 4 : 8);
      if (type.kind === "float") bytes.writeFloatLE(Number(value));
      else bytes.writeDoubleLE(Number(value));
      chunks.push(bytes);
      return;
    }
    case "string":
      chunks.push(...sized(Buffer.from(textOf(value)!)));
      return;
    case "bytes":
      chunks.push(...sized(bytesOf(type.logical, value)!));
      return;
    case "fixed":
      chunks.push(padded(type, bytesOf(type.logical, value)!));
      return;
    case "enum":
      chunks.push(varint(BigInt(type.symbols.indexOf(value as string))));
      return;
    case "union": {
      const branch = type.branches.findIndex((candidate) => fits(candidate, value));
      chunks.push(varint(BigInt(branch)));
      write(type.branches[branch]!, value, sink);
      return;
    }
    case "array": {
      const items = value as readonly unknown[];
      if (items.length > 0) chunks.push(varint(BigInt(items.length)));
      for (const [index, item] of items.entries()) write(type.items, item, { chunks, path: `${sink.path}/${index}` });
      chunks.push(varint(0n));
      return;
    }
    case "map": {
      const members = Object.entries(value as object);
      if (members.length > 0) chunks.push(varint(BigInt(members.length)));
      for (const [name, member] of members) {
        chunks.push(...sized(Buffer.from(name)));
        write(type.values, member, { chunks, path: `${sink.path}/${name}` });
      }
      chunks.push(varint(0n));
      return;
    }
    case "record":
      for (const { name, type: inner } of type.fields) {
        const member = Object.hasOwn(value as object, name) ? (value as Readonly<Record<string, unknown>>)[name] : null;
        write(inner, member, { chunks, path: `${sink.path}/${name}` });
      }
  }
}

/** Whether a value is of a type, at its surface: what stands inside is looked at when it is written. */
function fits(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case "null":
      return value === null || value === undefined;
    case "boolean":
      return typeof value === "boolean";
    case "int":
    case "long": {
      const number = integerOf(type.logical, value);
      return number !== undefined && BigInt.asIntN(type.kind === "int" ? 32 : 64, number) === number;
    }
    case "float":
    case "double":
      return typeof value === "number" || typeof value === "bigint";
    case "string":
      return textOf(value) !== undefined;
    case "bytes":
      return bytesOf(type.logical, value) !== undefined;
    case "fixed": {
      const bytes = bytesOf(type.logical, value);
      return (
        bytes !== undefined &&
        (type.logical?.name === "decimal" ? bytes.length <= type.size : bytes.length === type.size)
      );
    }
    case "enum":
      return typeof value === "string" && type.symbols.includes(value);
    case "union":
      return type.branches.some((branch) => fits(branch, value));
    case "array":
      return Array.isArray(value);
    case "map":
    case "record":
      return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
  }
}

function integerOf(logical: Logical | undefined, value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (logical === undefined || logical.name === "decimal") return undefined;
  const text = value instanceof Date ? value.toISOString() : value;
  return typeof text === "string" ? logicalNumber(logical.name, text) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : undefined;
}

function bytesOf(logical: Logical | undefined, value: unknown): Buffer | undefined {
  switch (logical?.name) {
    case "decimal":
      return decimalBytes(value, logical as Extract<Logical, { name: "decimal" }>);
    case "uuid":
      return typeof value === "string" && /^[0-9a-f-]{36}$/i.test(value)
        ? Buffer.from(value.replaceAll("-", ""), "hex")
        : undefined;
    case "duration": {
      const { months, days, millis } = (value ?? {}) as Readonly<Record<string, unknown>>;
      const parts = [months, days, millis];
      if (!parts.every((part) => typeof part === "number" && part >= 0 && part < 2 ** 32)) return undefined;
      const bytes = Buffer.alloc(12);
      for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part as number, index * 4);
      return bytes;
    }
    default:
      return typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
        ? Buffer.from(value, "base64")
        : undefined;
  }
}

/** A decimal keeps its sign in the bytes before it. */
function padded({ size }: Extract<AvroType, { kind: "fixed" }>, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(size - bytes.length, (bytes[0] ?? 0) >= 0x80 ? 0xff : 0), bytes]);
}

function sized(bytes: Buffer): readonly [Buffer, Buffer] {
  return [varint(BigInt(bytes.length)), bytes];
}

function varint(value: bigint): Buffer {
  let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

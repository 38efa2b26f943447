// An Avro schema (JSON) → types with every name resolved, and back. Own code and not a library: a message is hostile until it is
// checked, and the library at hand allocates what a length in it says before it looks whether so many bytes came
// (docs/decisions/avro-codec.md).
//
//     schema = name / [ schema, … ] / { "type": …, "logicalType"?: … }
//     named  = record { fields: [{name, type}] } / enum { symbols } / fixed { size }, each under its full name

export type AvroType =
  | AvroPrimitive
  | AvroRecord
  | { readonly kind: "enum"; readonly name: string; readonly symbols: readonly string[] }
  | AvroFixed
  | { readonly kind: "array"; readonly items: AvroType }
  | { readonly kind: "map"; readonly values: AvroType }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] };

export interface AvroPrimitive {
  readonly kind: PrimitiveName;
  readonly logical?: Logical;
}

export interface AvroFixed {
  readonly kind: "fixed";
  readonly name: string;
  readonly size: number;
  readonly logical?: Logical;
}

/** May hold itself, so its fields are there only when all of it is read. */
export interface AvroRecord {
  readonly kind: "record";
  readonly name: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

export type Logical =
  | { readonly name: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly name: LogicalName };

const primitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] as const;
export type PrimitiveName = (typeof primitives)[number];

/** Logical type → what it may stand on. An unknown one, or one on something else, is ignored, as the specification asks. */
const logicals = {
  date: ["int"],
  "time-millis": ["int"],
  "time-micros": ["long"],
  "timestamp-millis": ["long"],
  "timestamp-micros": ["long"],
  "timestamp-nanos": ["long"],
  "local-timestamp-millis": ["long"],
  "local-timestamp-micros": ["long"],
  "local-timestamp-nanos": ["long"],
  uuid: ["string", "fixed"],
  duration: ["fixed"],
} as const;
export type LogicalName = keyof typeof logicals;

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const maxDepth = 64;

/** What is wrong with a schema. */
export class AvroFault extends Error {}

export function isAvroName(name: string): boolean {
  return namePattern.test(name);
}

interface Scope {
  readonly names: Map<string, AvroType>;
  readonly space: string;
  readonly depth: number;
}

/** `references` are schemas that this one names, each of which may name those before it. @throws AvroFault */
export function readAvroType(schema: unknown, references: readonly unknown[] = []): AvroType {
  const names = new Map<string, AvroType>();
  for (const reference of references) read(reference, { names, space: "", depth: 0 });
  return read(schema, { names, space: "", depth: 0 });
}

function read(schema: unknown, scope: Scope): AvroType {
  if (scope.depth > maxDepth) throw new AvroFault(`it is nested deeper than ${maxDepth}`);
  const inner: Scope = { ...scope, depth: scope.depth + 1 };
  if (typeof schema === "string") return named(schema, scope);
  if (Array.isArray(schema)) {
    const branches = schema.map((branch: unknown) => read(branch, inner));
    if (branches.length === 0 || branches.some(({ kind }) => kind === "union")) {
      throw new AvroFault("a union is empty or holds a union");
    }
    return { kind: "union", branches };
  }
  if (typeof schema !== "object" || schema === null) throw new AvroFault("a type is neither a name nor an object");
  const { type, ...facts } = schema as Readonly<Record<string, unknown>>;
  switch (type) {
    case "record":
    case "error":
      return readRecord(facts, inner);
    case "enum":
      return readEnum(facts, inner);
    case "fixed":
      return readFixed(facts, inner);
    case "array":
      return { kind: "array", items: read(facts["items"], inner) };
    case "map":
      return { kind: "map", values: read(facts["values"], inner) };
  }
  const found = read(type, inner);
  const logical = isPrimitive(found) ? logicalOf(found.kind, facts, null) : undefined;
  return logical === undefined ? found : ({ kind: found.kind, logical } as AvroPrimitive);
}

function isPrimitive(type: AvroType): type is AvroPrimitive {
  return (primitives as readonly string[]).includes(type.kind);
}

function named(name: string, { names, space }: Scope): AvroType {
  if ((primitives as readonly string[]).includes(name)) return { kind: name as PrimitiveName };
  const found = names.get(fullName(name, space)) ?? names.get(name);
  if (found === undefined) throw new AvroFault(`the type ${name} is not defined`);
  return found;
}

function fullName(name: string, space: string): string {
  return name.includes(".") || space === "" ? name : `${space}.${name}`;
}

/** The full name, and the scope of what stands inside. */
function define(facts: Readonly<Record<string, unknown>>, scope: Scope): { name: string; inside: Scope } {
  const { name, namespace } = facts;
  if (typeof name !== "string" || !name.split(".").every(isAvroName)) throw new AvroFault("a type has no sound name");
  const space = typeof namespace === "string" ? namespace : scope.space;
  const full = fullName(name, space);
  if (scope.names.has(full)) throw new AvroFault(`the type ${full} is defined twice`);
  return { name: full, inside: { ...scope, space: full.split(".").slice(0, -1).join(".") } };
}

function readRecord(facts: Readonly<Record<string, unknown>>, scope: Scope): AvroType {
  const { name, inside } = define(facts, scope);
  const fields: AvroField[] = [];
  const record: AvroRecord = { kind: "record", name, fields };
  scope.names.set(name, record);
  const written: unknown = facts["fields"];
  if (!Array.isArray(written)) throw new AvroFault(`the record ${name} has no fields`);
  const seen = new Set<string>();
  for (const field of written as readonly unknown[]) {
    const { name: fieldName, type } = (field ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof fieldName !== "string" || !isAvroName(fieldName) || seen.has(fieldName)) {
      throw new AvroFault(`a field of ${name} has no sound name of its own`);
    }
    seen.add(fieldName);
    fields.push({ name: fieldName, type: read(type, inside) });
  }
  return record;
}

function readEnum(facts: Readonly<Record<string, unknown>>, scope: Scope): AvroType {
  const { name } = define(facts, scope);
  const symbols: unknown = facts["symbols"];
  if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === "string" && isAvroName(symbol))) {
    throw new AvroFault(`the enum ${name} has no sound symbols`);
  }
  const type: AvroType = { kind: "enum", name, symbols: symbols as readonly string[] };
  scope.names.set(name, type);
  return type;
}

function readFixed(facts: Readonly<Record<string, unknown>>, scope: Scope): AvroType {
  const { name } = define(facts, scope);
  const size: unknown = facts["size"];
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw new AvroFault(`the fixed ${name} has no sound size`);
  const logical = logicalOf("fixed", facts, size as number);
  const face = { kind: "fixed", name, size: size as number } as const;
  const type: AvroFixed = logical === undefined ? face : { ...face, logical };
  scope.names.set(name, type);
  return type;
}

function logicalOf(
  kind: AvroType["kind"],
  facts: Readonly<Record<string, unknown>>,
  size: number | null,
): Logical | undefined {
  const { logicalType: name, precision, scale = 0 } = facts;
  if (name === "decimal") {
    const isSound = (kind === "bytes" || kind === "fixed") && isCount(precision) && isCount(scale);
    return isSound && scale <= precision && precision > 0 ? { name, precision, scale } : undefined;
  }
  if (typeof name !== "string" || !Object.hasOwn(logicals, name)) return undefined;
  const sizes: Readonly<Record<string, number>> = { uuid: 16, duration: 12 };
  if (size !== null && sizes[name] !== size) return undefined;
  const bases: readonly string[] = logicals[name as LogicalName];
  return bases.includes(kind) ? { name: name as LogicalName } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 1000;
}

/** The schema as JSON that stands alone: each name is defined where it comes first. `written` holds those that have come. */
export function avroSchema(type: AvroType, written: Set<string> = new Set()): unknown {
  switch (type.kind) {
    case "union":
      return type.branches.map((branch) => avroSchema(branch, written));
    case "array":
      return { type: "array", items: avroSchema(type.items, written) };
    case "map":
      return { type: "map", values: avroSchema(type.values, written) };
    case "record":
    case "enum":
    case "fixed": {
      const { name } = type;
      if (written.has(name)) return name;
      written.add(name);
      const face = faceOf(name, type.kind);
      if (type.kind === "enum") return { ...face, symbols: type.symbols };
      if (type.kind === "fixed") return { ...face, size: type.size, ...logicalFacts(type.logical) };
      const fields = type.fields.map((field) => ({ name: field.name, type: avroSchema(field.type, written) }));
      return { ...face, fields };
    }
    default:
      return type.logical === undefined ? type.kind : { type: type.kind, ...logicalFacts(type.logical) };
  }
}

function faceOf(name: string, type: string): Readonly<Record<string, unknown>> {
  const steps = name.split(".");
  return { type, name: steps.at(-1), namespace: steps.slice(0, -1).join(".") };
}

function logicalFacts(logical: Logical | undefined): Readonly<Record<string, unknown>> {
  if (logical === undefined) return {};
  const { name } = logical;
  return name === "decimal"
    ? { logicalType: name, precision: logical.precision, scale: logical.scale }
    : { logicalType: name };
}

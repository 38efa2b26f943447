// How each kind of field is read from JSON and written to it, made once for every message. Reading follows protobuf's JSON
// rules as MLflow's server applies them: unknown keys are ignored, null is "not sent", numbers may be strings, enumerations may
// be numbers, camelCase names are as good as the field's own, and experiment ids may be numbers.
import { enums } from "../messages/enums.ts";
import { messageTable } from "../messages/message-table.ts";
import { type Fields, type JsonValue, readFieldType } from "./field-type.ts";
import { invalidParameter, invalidValue, missingParameter } from "./wire-error.ts";

export type JsonRecord = Readonly<Record<string, unknown>>;

export interface FieldCodec {
  readonly name: string;
  readonly camelName: string;
  readonly type: string;
  readonly isList: boolean;
  readonly isMap: boolean;
  readonly isRequired: boolean;
  /** Undefined: the field is absent when it is not sent. */
  readonly defaultValue: unknown;
  /** `path` is for errors. @throws WireError */
  readonly read: (value: unknown, path: string) => unknown;
  readonly write: (value: unknown) => JsonValue | undefined;
}

type Read = (value: unknown, path: string) => unknown;

const codecs = new WeakMap<Fields, readonly FieldCodec[]>();

/** The codecs of an endpoint's or message's fields, in the order in which they are written. */
export function codecsOf(fields: Fields): readonly FieldCodec[] {
  const known = codecs.get(fields);
  if (known !== undefined) return known;
  const made = Object.entries(fields).map(([name, text]) => fieldCodec(name, text));
  codecs.set(fields, made);
  return made;
}

/** @throws WireError for a value of the wrong type, or a required one that is not there */
export function readFields(fields: Fields, json: JsonRecord, path = ""): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const codec of codecsOf(fields)) {
    const value = sentValue(codec, json);
    const place = path === "" ? codec.name : `${path}.${codec.name}`;
    if (value === undefined || value === null) {
      if (codec.isRequired) throw missingParameter(place);
      if (codec.defaultValue !== undefined) out[codec.name] = codec.defaultValue;
      continue;
    }
    // What MLflow asks for at the top must also say something.
    if (codec.isRequired && value === "" && path === "") throw missingParameter(place);
    out[codec.name] = codec.read(value, place);
  }
  return out;
}

/** Undefined and null are left out, and so are empty lists and maps. */
export function writeFields(fields: Fields, values: JsonRecord): Record<string, JsonValue> {
  const out: Record<string, JsonValue> = {};
  for (const codec of codecsOf(fields)) {
    const value = values[codec.name];
    if (value === undefined || value === null) continue;
    const written = codec.write(value);
    if (written !== undefined) out[codec.name] = written;
  }
  return out;
}

function sentValue({ name, camelName }: FieldCodec, json: JsonRecord): unknown {
  const own = Object.hasOwn(json, name) ? json[name] : undefined;
  if (name === camelName || !Object.hasOwn(json, camelName)) return own;
  if (Object.hasOwn(json, name)) {
    throw invalidParameter(`Request specifies both '${name}' and '${camelName}'; provide only one of them.`);
  }
  return json[camelName];
}

function fieldCodec(name: string, text: string): FieldCodec {
  const { type, shape, isRequired, defaultText } = readFieldType(text);
  const readOne = /^experiment_ids?$/.test(name) ? readExperimentId : readerOf(type);
  const writeOne = writerOf(type);
  const isList = shape === "list";
  const isMap = shape === "map";
  return {
    name,
    camelName: name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    type,
    isList,
    isMap,
    isRequired,
    defaultValue: isList ? [] : isMap ? {} : defaultText === null ? undefined : readOne(defaultText, name),
    read: isList
      ? readList(readOne, name === "experiment_ids" || name === "locations" ? maxPlaces : maxItems)
      : isMap
        ? readMap(readOne)
        : readOne,
    write: isList ? writeList(writeOne) : isMap ? writeMap(writeOne) : writeOne,
  };
}

/** Databases take so many parameters in one statement. */
const maxPlaces = 30_000;
const maxItems = 1_000_000;

function readList(readOne: Read, max: number): Read {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalidValue(path, value);
    if (value.length > max) throw invalidParameter(`Parameter '${path}' may have at most ${max} items.`);
    return value.map((item: unknown, index) => readOne(item, `${path}[${index}]`));
  };
}

function readMap(readOne: Read): Read {
  return (value, path) => {
    if (!isRecord(value)) throw invalidValue(path, value);
    // A key may be `__proto__`: an assignment would do something else than a definition.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readOne(item, `${path}.${key}`)]));
  };
}

function readerOf(type: string): Read {
  switch (type) {
    case "string":
    case "timestamp":
    case "duration":
    case "mask":
      return readString;
    case "int32":
      return (value, path) => readInteger(value, path, 2 ** 31);
    case "int64":
      return (value, path) => readInteger(value, path, 2 ** 63);
    case "double":
      return readDouble;
    case "bool":
      return readBool;
    case "json":
      return readJson;
  }
  if (isEnum(type)) return readEnum(type);
  return (value, path) => {
    if (!isRecord(value)) throw invalidValue(path, value);
    return readFields(messageFields(type), value, path);
  };
}

function readString(value: unknown, path: string): string {
  if (typeof value !== "string") throw invalidValue(path, value);
  return value;
}

function readExperimentId(value: unknown, path: string): string {
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : readString(value, path);
}

/** A fraction is cut off, as MLflow does. */
function readInteger(value: unknown, path: string, limit: number): number {
  const isText = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value);
  const number = isText ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw invalidValue(path, value);
  const whole = Math.trunc(number);
  if (whole < -limit || whole >= limit) throw invalidValue(path, value);
  return whole === 0 ? 0 : whole;
}

const specialDoubles: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function readDouble(value: unknown, path: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") {
    const special = specialDoubles.get(value);
    if (special !== undefined) return special;
    if (/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return Number(value);
  }
  throw invalidValue(path, value);
}

function readBool(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw invalidValue(path, value);
}

const maxJsonDepth = 64;

/** Any JSON. Deeper values than this could not be written again. */
function readJson(value: unknown, path: string): unknown {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxJsonDepth)
      throw invalidParameter(`Parameter '${path}' is nested deeper than ${maxJsonDepth} levels.`);
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return value;
}

function readEnum(type: keyof typeof enums): Read {
  const numbers: Readonly<Record<string, number>> = enums[type];
  const names = new Map(Object.entries(numbers).map(([name, number]) => [String(number), name]));
  return (value, path) => {
    if (typeof value === "string" && Object.hasOwn(numbers, value)) return value;
    const name = typeof value === "string" || typeof value === "number" ? names.get(String(value)) : undefined;
    if (name === undefined) throw invalidValue(path, value);
    return name;
  };
}

type Write = (value: unknown) => JsonValue | undefined;

function writerOf(type: string): Write {
  if (type === "double") return writeDouble;
  if (Object.hasOwn(messageTable, type)) return (value) => writeFields(messageFields(type), value as JsonRecord);
  return (value) => value as JsonValue;
}

function writeDouble(value: unknown): JsonValue {
  const number = Number(value);
  return Number.isFinite(number) ? number : String(number);
}

function writeList(writeOne: Write): Write {
  return (value) => {
    const items = value as readonly unknown[];
    return items.length === 0 ? undefined : items.map((item) => writeOne(item) ?? null);
  };
}

function writeMap(writeOne: Write): Write {
  return (value) => {
    const entries = Object.entries(value as JsonRecord);
    return entries.length === 0
      ? undefined
      : Object.fromEntries(entries.map(([key, item]) => [key, writeOne(item) ?? null]));
  };
}

function isEnum(type: string): type is keyof typeof enums {
  return Object.hasOwn(enums, type);
}

function messageFields(type: string): Fields {
  const table: Readonly<Record<string, Fields>> = messageTable;
  return table[type] ?? {};
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Avro messages in a registry's frame → rows: each is read by the schema that its id names, its fields taken by name.
import { trimaranError } from "../../../../base/errors.ts";
import type { Schema } from "../../../../data/field.ts";
import { jsonPointer } from "../../../../data/json-pointer.ts";
import type { StreamRecord } from "../../port.ts";
import { AvroFault, type AvroType, avroSchema, readAvroType } from "../avro/avro-type.ts";
import { type AvroReader, avroReader } from "../avro/read-avro.ts";
import { type MessageLimits, refused } from "../read-message-json.ts";
import type { CarriedSchema, DecodedMessage, MessageDecoder } from "../shape.ts";
import { type TakeOptions, takeRow } from "../take-row.ts";
import type { FetchedSchema, SchemaRegistry } from "./schema-registry.ts";
import { readFrame, schemaIdOf } from "./wire-format.ts";

export interface AvroDecoderOptions extends TakeOptions {
  readonly registry: SchemaRegistry;
  readonly limits: MessageLimits;
  /** Of a definition: its optional fields take Avro's null for "not there". */
  readonly input: Schema | null;
}

interface KnownSchema {
  readonly read: AvroReader;
  /** With decimals as text; null where nothing is kept. */
  readonly readExact: AvroReader | null;
  readonly carried: CarriedSchema | undefined;
}

/** Why no message of a schema can be read. */
interface UnknownSchema {
  readonly problem: string;
  /** When the registry is asked again; never where it has said what the schema is. */
  readonly until: number;
}

const maxSchemas = 1000;
const askAgainMs = 30_000;

export function avroDecoder(options: AvroDecoderOptions): MessageDecoder {
  const { registry, layout, limits, input } = options;
  const schemas = new Map<number, KnownSchema | UnknownSchema>();
  const optional = input === null ? [] : Object.keys(input).filter((name) => takesNothing(input, name));
  const fetchOne = async (id: number, signal: AbortSignal): Promise<void> => {
    const fetched = await registry.fetch(id, signal);
    schemas.set(id, fetched === null ? missing() : openSchema(fetched, layout.keptPaths));
  };
  return {
    rowPath: layout.rowPath,
    prepare(records, signal) {
      const wanted = unknownIds(records, schemas);
      if (wanted === null) return undefined;
      // Not while they come: the records are decoded with all of them there.
      if (schemas.size + wanted.size > maxSchemas) forget(schemas, records);
      return fetchAll([...wanted], (id) => fetchOne(id, signal));
    },
    decode(record) {
      const framed = readFrame(record.value);
      if (framed.kind === "refused") return framed;
      if (framed.body.length > limits.maxBytes) {
        return refused(
          "too_large",
          `The message is ${framed.body.length} bytes long; the limit is ${limits.maxBytes}.`,
        );
      }
      const schema = schemas.get(framed.id);
      if (schema === undefined) throw trimaranError("SCHEMA_REGISTRY_UNAVAILABLE", { problem: "it was not asked yet" });
      if ("problem" in schema)
        return refused("unknown_schema", `Its schema ${framed.id} cannot be used: ${schema.problem}.`);
      return decodeBody(framed.body, schema, record);
    },
  };

  function decodeBody(
    body: Uint8Array,
    { read, readExact, carried }: KnownSchema,
    record: StreamRecord,
  ): DecodedMessage {
    let value: unknown;
    let exact: unknown;
    try {
      value = read(body);
      exact = readExact?.(body);
    } catch (error) {
      if (error instanceof AvroFault) return refused("bad_avro", `The message is not of its schema: ${error.message}.`);
      throw error;
    }
    const { headers, timestamp: time } = record;
    const face = { record, headers, time, ...(carried === undefined ? {} : { schema: carried }) };
    const taken = takeRow({ value }, options, face);
    if (taken.kind === "refused") return taken;
    const kept = readExact === null ? null : layout.take(exact);
    return {
      kind: "row",
      row: optional.length === 0 ? taken.row : withoutNulls(taken.row, optional),
      carried: kept?.kind === "taken" ? { ...taken.carried, kept: kept.kept } : taken.carried,
    };
  }
}

/** All but those of these records. */
function forget(schemas: Map<number, unknown>, records: readonly StreamRecord[]): void {
  const used = new Set(records.map(({ value }) => schemaIdOf(value)));
  for (const id of schemas.keys()) if (!used.has(id)) schemas.delete(id);
}

function missing(): UnknownSchema {
  return { problem: "the registry does not have it", until: performance.now() + askAgainMs };
}

function unknownIds(
  records: readonly StreamRecord[],
  schemas: ReadonlyMap<number, KnownSchema | UnknownSchema>,
): Set<number> | null {
  let wanted: Set<number> | null = null;
  for (const { value } of records) {
    const id = schemaIdOf(value);
    if (id === undefined) continue;
    const known = schemas.get(id);
    if (known !== undefined && !("until" in known && known.until < performance.now())) continue;
    wanted ??= new Set();
    wanted.add(id);
  }
  return wanted;
}

const atOnce = 8;

async function fetchAll(ids: number[], fetchOne: (id: number) => Promise<void>): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await fetchOne(id);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, lane));
}

function openSchema(fetched: FetchedSchema, keptPaths: readonly string[]): KnownSchema | UnknownSchema {
  const never = (problem: string): UnknownSchema => ({ problem, until: Number.POSITIVE_INFINITY });
  if (fetched.kind !== "AVRO") return never(`it is of the type ${fetched.kind}, not AVRO`);
  try {
    const references = fetched.references.map((text): unknown => JSON.parse(text));
    const type = readAvroType(parseSchema(fetched.schema), references);
    const keeps = keptPaths.length > 0;
    return {
      read: avroReader(type),
      readExact: keeps ? avroReader(type, { exact: true }) : null,
      carried: keeps ? carriedSchema(type, keptPaths) : undefined,
    };
  } catch (error) {
    if (error instanceof AvroFault) return never(error.message);
    if (error instanceof SyntaxError) return never("it is not JSON");
    throw error;
  }
}

/** A primitive may stand there without quotes. */
function parseSchema(text: string): unknown {
  return /^[a-z]+$/.test(text) ? text : JSON.parse(text);
}

function carriedSchema(type: AvroType, keptPaths: readonly string[]): CarriedSchema | undefined {
  const kept: unknown[] = [];
  const written = new Set<string>();
  for (const path of keptPaths) {
    const found = typeAt(type, path);
    if (found === undefined) return undefined;
    kept.push(avroSchema(found, written));
  }
  return { id: JSON.stringify(kept), kept };
}

function typeAt(type: AvroType, path: string): AvroType | undefined {
  let found: AvroType | undefined = type;
  for (const step of path.split("/").slice(1)) {
    const branches: readonly AvroType[] = found?.kind === "union" ? found.branches : found === undefined ? [] : [found];
    const record = branches.find(({ kind }) => kind === "record");
    found =
      record?.kind === "record" ? record.fields.find(({ name }) => jsonPointer(name) === `/${step}`)?.type : undefined;
  }
  return found;
}

function takesNothing(input: Schema, name: string): boolean {
  const { presence, nullable } = input[name]!.spec;
  return presence !== "required" && !nullable;
}

/** Avro has no fields that are not there: null stands for them. */
function withoutNulls(row: unknown, optional: readonly string[]): unknown {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return row;
  const entries = Object.entries(row);
  const isNothing = ([name, value]: [string, unknown]): boolean => value === null && optional.includes(name);
  return entries.some(isNothing) ? Object.fromEntries(entries.filter((entry) => !isNothing(entry))) : row;
}

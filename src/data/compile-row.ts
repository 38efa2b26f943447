// Compiles a schema to a reader of rows. A good row costs one pass over the declared fields and one count of the keys that
// came; names that nobody declared are only looked for when that count says that there are some.
import { closestName, didYouMean } from "../base/did-you-mean.ts";
import type { Schema } from "./field.ts";
import { countUnknownField, refuse, refused } from "./field-issue.ts";
import { compileField, describeExpected, type FieldLabel, type FieldReader, wrongType } from "./field-reader.ts";
import type { FieldSpec, ObjectSpec } from "./field-spec.ts";
import { jsonPointer } from "./json-pointer.ts";
import type { Row, RowNotes, RowReader, RowReaderOptions, UnknownFields } from "./schema-row.ts";

/** The fields must be sound (`checkFieldSpec`). A reader keeps no state between rows but a cache of misspelt names. */
export function compileRow(schema: Schema, options: RowReaderOptions = {}): RowReader {
  const specs = Object.fromEntries(Object.entries(schema).map(([name, field]) => [name, field.spec]));
  const read = compileFields(specs, options.label ?? "The row", options.unknownFields ?? "reject-close");
  return (value, notes, path) => {
    const row = read(value, notes, path);
    return row === refused ? undefined : (row as Row);
  };
}

/** Reads one value of a field. Unknown names inside of objects are treated as `unknownFields` says. */
export function compileValue(spec: FieldSpec, unknownFields: UnknownFields): FieldReader {
  return compileField(spec, "The value", (object, label) => compileFields(object.fields, label, unknownFields));
}

interface CompiledField {
  readonly name: string;
  readonly step: string;
  /** The name is also a method of every object (`toString`), so that reading it needs care. */
  readonly inherited: boolean;
  readonly spec: FieldSpec;
  readonly read: FieldReader;
}

function compileFields(specs: ObjectSpec["fields"], label: FieldLabel, unknownFields: UnknownFields): FieldReader {
  const fields = Object.entries(specs).map(([name, spec]): CompiledField => {
    const read = compileField(spec, name, (object, inner) => compileFields(object.fields, inner, unknownFields));
    return { name, step: jsonPointer(name), inherited: name in Object.prototype, spec, read };
  });
  const reportUnknown = unknownReporter(Object.keys(specs), unknownFields);
  return (value, notes, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return wrongType({ notes, path, label }, "an object", value);
    }
    const sent = value as Readonly<Record<string, unknown>>;
    const row: Record<string, unknown> = {};
    let sound = true;
    let known = 0;
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!;
      const { name } = field;
      const cell = field.inherited && !Object.hasOwn(sent, name) ? undefined : sent[name];
      if (cell === undefined) {
        if (name in sent && Object.hasOwn(sent, name)) known++;
        if (!fillMissing({ row, field, notes, path })) sound = false;
        continue;
      }
      known++;
      const result = field.read(cell, notes, path + field.step);
      if (result === refused) sound = false;
      else row[name] = result;
    }
    let keys = 0;
    for (const _ in sent) keys++;
    if (keys !== known && !reportUnknown(sent, notes, path)) sound = false;
    return sound ? row : refused;
  };
}

interface Missing {
  readonly row: Record<string, unknown>;
  readonly field: CompiledField;
  readonly notes: RowNotes;
  readonly path: string;
}

function fillMissing({ row, field, notes, path }: Missing): boolean {
  const { spec, name } = field;
  if (spec.presence === "optional") return true;
  if (spec.presence === "default") {
    // Read anew for every row: a Date or a list that rows share could be changed by one of them.
    row[name] = field.read(spec.default, notes, path + field.step);
    return row[name] !== refused;
  }
  refuse(notes, {
    path: path + field.step,
    code: "missing_field",
    message: `${name} is missing; it must be ${describeExpected(spec)}.`,
  });
  return false;
}

/** Above this many different unknown names a reader forgets what it knew of them. */
const maxCachedNames = 1000;

function unknownReporter(
  declared: readonly string[],
  mode: UnknownFields,
): (sent: Readonly<Record<string, unknown>>, notes: RowNotes, path: string) => boolean {
  const declaredNames = new Set(declared);
  const cache = new Map<string, ReturnType<typeof closestName>>();
  const closest = (name: string): ReturnType<typeof closestName> => {
    if (name.length > 64) return undefined;
    if (cache.size > maxCachedNames) cache.clear();
    if (!cache.has(name)) cache.set(name, closestName(name, declared));
    return cache.get(name);
  };
  // One edit away is a misspelling. Further away it is one only when the field that may be meant did not come:
  // DOLocationID beside PULocationID is a field of its own.
  const misspelt = (name: string, sent: object): boolean => {
    const close = closest(name);
    return close !== undefined && (close.distance <= 1 || !Object.hasOwn(sent, close.name));
  };
  return (sent, notes, path) => {
    let sound = true;
    for (const name of Object.keys(sent)) {
      if (declaredNames.has(name)) continue;
      if (mode === "ignore" || (mode === "reject-close" && !misspelt(name, sent))) {
        countUnknownField(notes, name);
        continue;
      }
      sound = false;
      const hint = name.length > 64 ? "" : didYouMean(name, declared);
      const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);
      refuse(notes, {
        path: path + jsonPointer(name.slice(0, 64)),
        code: "unknown_field",
        message: `There is no field ${shown}${hint}.`,
      });
    }
    return sound;
  };
}

// A table and the model's signature → rows for the model: demanded columns are there, types are cast, what is not named is dropped.
import { type Issue, trimaranError } from "../../../base/errors.ts";
import { jsonPointer } from "../../../data/json-pointer.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { SignatureField } from "../../../mlflow/signature.ts";
import { maxListedIssues } from "../problem.ts";
import { type CellType, columnType, tensorType } from "./cast-cell.ts";
import type { ScoringTable } from "./scoring-table.ts";

export interface EnforceOptions {
  readonly fields: readonly SignatureField[];
  readonly input: ModelInput;
}

/** @throws SCORING_INPUT where a value does not fit its type, SCORING_SCHEMA where the columns do not fit */
export function enforceSignature(table: ScoringTable, { fields, input }: EnforceOptions): readonly unknown[] {
  const [first] = fields;
  if (first?.kind === "tensor" && fields.length === 1) return tensorRows(table, { spec: first, fields });
  const names = namesOf(fields);
  if (names === null) return positionalRows(table, fields);
  if (table.kind === "tensor" && table.names === null) assertCells(table, fields[0]!);
  const places = findColumns(table, { fields, names });
  const columns = fields.flatMap((field, index) => {
    const at = places[index]!;
    return at < 0 ? [] : [{ name: names[index]!, at, type: typeOf(field), required: isRequired(field) }];
  });
  const cast = castRows(table, columns);
  // Where the model has no names of its own, its columns are the signature's, in their order.
  const byName = input.kind === "records" || input.named;
  if (!byName) return cast;
  return cast.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
}

/** The name of the only column or tensor: a plain list belongs to it. */
export function onlyInput(fields: readonly SignatureField[] | null): string | null {
  return fields?.length === 1 ? (fields[0]?.name ?? null) : null;
}

function namesOf(fields: readonly SignatureField[]): readonly string[] | null {
  const names = fields.flatMap(({ name }) => (name === null ? [] : [name]));
  return names.length === fields.length ? names : null;
}

/** Where in the table each field stands; -1 for an optional one that was not sent. */
function findColumns(
  table: ScoringTable,
  { fields, names }: { readonly fields: readonly SignatureField[]; readonly names: readonly string[] },
): readonly number[] {
  if (table.ragged) {
    const why = "There was an error casting the input data to a DataFrame: All arrays must be of the same length";
    throw violation(fields, `This model contains a column-based signature, which suggests a DataFrame input. ${why}`);
  }
  const given = new Map((table.names ?? []).map((name, index) => [name, index]));
  const absent = fields.flatMap((field, index) =>
    given.has(names[index]!) || !isRequired(field) ? [] : [names[index]!],
  );
  if (absent.length > 0) {
    const known = new Set(names);
    const positions = Array.from({ length: table.rows[0]?.length ?? 0 }, (_, index) => String(index));
    const extra = (table.names ?? positions).filter((name) => !known.has(name));
    const note = extra.length > 0 ? ` Note that there were extra inputs: ${listText(extra)}.` : "";
    const issues = absent.map((name) => ({ path: jsonPointer(name), code: "missing_field", message: "is missing" }));
    throw violation(fields, `Model is missing inputs ${listText(absent)}.${note}`, issues);
  }
  return names.map((name) => given.get(name) ?? -1);
}

/** An array without names is first cast as a whole, to the first type: what is no such value is told before what is missing. */
function assertCells(table: ScoringTable, field: SignatureField): void {
  const width = Math.max(0, ...new Set(table.rows.map((row) => row.length)));
  const type = typeOf(field);
  castRows(
    table,
    Array.from({ length: width }, (_, at) => ({ name: String(at), at, type, required: isRequired(field) })),
  );
}

function positionalRows(table: ScoringTable, fields: readonly SignatureField[]): readonly unknown[] {
  const short = table.rows.find((row) => row.length < fields.length);
  if (short !== undefined) {
    const counts = `declares ${fields.length} inputs  but the provided value only has ${short.length} inputs`;
    const note = "Note: the inputs were not named in the signature so we can only verify their count.";
    throw violation(fields, `Model inference is missing inputs. The model signature ${counts}. ${note}`);
  }
  const columns = fields.map((field, at) => ({
    name: table.names?.[at] ?? String(at),
    at,
    type: typeOf(field),
    required: isRequired(field),
  }));
  return castRows(table, columns);
}

type TensorField = Extract<SignatureField, { readonly kind: "tensor" }>;

function tensorRows(
  table: ScoringTable,
  { spec, fields }: { readonly spec: TensorField; readonly fields: readonly SignatureField[] },
): readonly unknown[] {
  const named = spec.name !== null && table.kind === "tensor" && table.names !== null;
  const at = named ? (table.names?.indexOf(spec.name) ?? -1) : 0;
  if (at < 0) throw violation(fields, `Model is missing inputs ${listText([spec.name ?? ""])}.`);
  // One named tensor of several columns: each cell is a whole row.
  const rows = named ? table.rows.map((row) => (Array.isArray(row[at]) ? row[at] : [row[at]])) : table.rows;
  const shape = [rows.length, rows[0]?.length ?? 0];
  const wanted = spec.shape.length === 1 ? [spec.shape[0]!, 1] : spec.shape;
  const fits = wanted.length === 2 && wanted.every((size, axis) => size === -1 || size === shape[axis]);
  const ragged = rows.some((row) => row.length !== shape[1]);
  if (ragged)
    throw trimaranError("SCORING_INPUT", {
      problem: "setting an array element with a sequence: its rows are of different lengths.",
    });
  if (!fits) {
    const text = `Shape of input (${shape.join(", ")}) does not match expected shape (${spec.shape.join(", ")}).`;
    throw violation(fields, text);
  }
  const type = tensorType(spec.dtype);
  const columns = Array.from({ length: shape[1]! }, (_, column) => ({
    name: table.names?.[column] ?? String(column),
    at: column,
    type,
    required: true,
  }));
  return castRows({ ...table, rows }, columns);
}

interface CastColumn {
  readonly name: string;
  readonly at: number;
  readonly type: CellType;
  readonly required: boolean;
}

/** @throws SCORING_INPUT with every value that does not fit */
function castRows(table: ScoringTable, columns: readonly CastColumn[]): readonly (readonly unknown[])[] {
  const issues: Issue[] = [];
  const bad = new Map<string, CellType>();
  const rows = table.rows.map((row, index) =>
    columns.map(({ name, at, type, required }): unknown => {
      const value = row[at] ?? null;
      if (value === null && !required) return null;
      const cast = type.cast(value);
      if (cast !== undefined) return cast;
      bad.set(name, type);
      if (issues.length < maxListedIssues) {
        issues.push({ path: `/${index}${jsonPointer(name)}`, code: "wrong_type", message: `cannot be ${type.shown}` });
      }
      return null;
    }),
  );
  if (bad.size === 0) return rows;
  const columnTexts = [...bad].map(([name, { shown }]) => `Failed to convert column ${name} to type '${shown}'.`);
  const where = `Error: '${issues.length} value(s), first at ${issues[0]?.path}'`;
  const problem = `Data is not compatible with model signature. ${columnTexts.join(" ")} ${where}`;
  throw trimaranError("SCORING_INPUT", { problem }, { issues });
}

function typeOf(field: SignatureField): CellType {
  return field.kind === "tensor" ? tensorType(field.dtype) : columnType(field.type);
}

function isRequired(field: SignatureField): boolean {
  return field.kind === "tensor" || field.required;
}

function violation(fields: readonly SignatureField[], problem: string, issues: readonly Issue[] = []): Error {
  return trimaranError("SCORING_SCHEMA", { schema: schemaText(fields), problem }, { issues });
}

/** As MLflow prints a schema: `['a': double (required)]`. */
function schemaText(fields: readonly SignatureField[]): string {
  const texts = fields.map((field) => {
    const named = field.name === null ? "" : `'${field.name}': `;
    if (field.kind === "tensor") return `${named}Tensor('${field.dtype}', (${field.shape.join(", ")}))`;
    return `${named}${field.type} (${field.required ? "required" : "optional"})`;
  });
  return `[${texts.join(", ")}]`;
}

function listText(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(", ")}]`;
}

// How each field of a definition's input is read from the columns of a file: as numbers, as texts, or cell by cell. A row in which
// a field needs a closer look is `screened`: it goes through the same reader of rows as a request on the web.
import { didYouMean } from "../../base/did-you-mean.ts";
import { trimaranError } from "../../base/errors.ts";
import type { Schema } from "../../data/field.ts";
import type { FieldSpec } from "../../data/field-spec.ts";
import { sqlName, sqlText } from "../../tables/sql-engine.ts";

export interface FieldPlan {
  readonly name: string;
  /** `cell`: every row is looked at closely. */
  readonly mode: "number" | "boolean" | "text" | "cell";
  /** SQL of a value that a typed array can hold; null is NaN, in texts null. */
  readonly value: string;
  /** SQL that is true where the row needs a closer look; null: never. */
  readonly screen: string | null;
  /** What stands for an empty cell in a row that was not screened. */
  readonly empty: EmptyCell;
}

export type EmptyCell = { readonly kind: "null" } | { readonly kind: "absent" } | { readonly kind: "screened" };

export interface FileColumns {
  readonly name: string;
  /** Name → DuckDB's type, derived ones included. */
  readonly columns: ReadonlyMap<string, string>;
  /** Its types are what its cells look like (CSV, NDJSON). */
  readonly isGuessed: boolean;
}

/** Declared fields that the file has. @throws BATCH_COLUMN, BATCH_TYPE */
export function planFields(input: Schema, file: FileColumns): readonly FieldPlan[] {
  return Object.entries(input).flatMap(([name, { spec }]): FieldPlan[] => {
    const type = file.columns.get(name);
    if (type === undefined) {
      if (spec.presence === "required") throw missingColumn(name, file, "the definition's `input` declares");
      return [];
    }
    const problem = typeProblem(spec, type, file.isGuessed);
    if (problem !== null) {
      const slots = { column: name, name: file.name, type: typeName(type), ...problem };
      throw trimaranError("BATCH_TYPE", slots);
    }
    return [fieldPlan(name, spec, type)];
  });
}

export function missingColumn(column: string, { name, columns }: FileColumns, use: string): Error {
  const known = [...columns.keys()];
  const slots = { name, column, use, suggestion: didYouMean(column, known), columns: known.join(", ") };
  return trimaranError("BATCH_COLUMN", slots);
}

const whole = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;

function isNumeric(type: string): boolean {
  return whole.test(type) || /^(FLOAT|DOUBLE|DECIMAL\b.*)$/.test(type);
}

function isText(type: string): boolean {
  return /^(VARCHAR|UUID|ENUM\b.*|JSON)$/.test(type);
}

interface TypeProblem {
  readonly expected: string;
  readonly hint: string;
}

/** In CSV one cell decides over a column's type, so what is text there is looked at cell by cell. */
function typeProblem(spec: FieldSpec, type: string, isGuessed: boolean): TypeProblem | null {
  const wants = (expected: string, hint = "`TRY_CAST(column AS DOUBLE)`"): TypeProblem => ({
    expected: `the definition's input wants ${expected}`,
    hint,
  });
  if ((isGuessed && isText(type)) || type === '"NULL"') return null;
  switch (spec.kind) {
    case "number":
    case "integer":
      return isNumeric(type) ? null : wants("numbers");
    case "boolean":
      return type === "BOOLEAN" ? null : wants("true and false", "`column = 1`");
    case "string":
      return isText(type) || isNumeric(type) ? null : wants("text", "`CAST(column AS VARCHAR)`");
    case "category": {
      const kind = typeof spec.values[0];
      if (kind === "number") return isNumeric(type) ? null : wants("numbers");
      if (kind === "boolean") return type === "BOOLEAN" ? null : wants("true and false", "`column = 1`");
      return isText(type) || isNumeric(type) ? null : wants("text", "`CAST(column AS VARCHAR)`");
    }
    case "timestamp":
      if (type === "TIMESTAMP WITH TIME ZONE" || isText(type)) return null;
      return wants(
        /^TIMESTAMP/.test(type) ? "moments, and these have no zone" : "moments",
        "`column AT TIME ZONE 'America/New_York'`",
      );
    case "date":
      return type === "DATE" || isText(type) ? null : wants("days", "`CAST(column AS DATE)`");
    case "list":
    case "object":
      return /\[\d*\]$|^(STRUCT|MAP)\b/.test(type) || isText(type) ? null : wants(`a ${spec.kind}`);
  }
}

function typeName(type: string): string {
  return type.length > 60 ? `${type.slice(0, 60)}…` : type;
}

function fieldPlan(name: string, spec: FieldSpec, type: string): FieldPlan {
  const column = sqlName(name);
  const empty = emptyCell(spec);
  const missing = empty.kind === "screened" ? [`${column} IS NULL`] : [];
  const plan = (mode: FieldPlan["mode"], value: string, tests: readonly string[]): FieldPlan => {
    const screens = [...missing, ...tests.map((test) => `coalesce(${test}, false)`)];
    return { name, mode, value, screen: screens.length === 0 ? null : screens.join(" OR "), empty };
  };
  const number = `coalesce(CAST(${column} AS DOUBLE), 'nan'::DOUBLE)`;
  const isNumber = isNumeric(type);
  switch (spec.kind) {
    case "number":
      if (isNumber) return plan("number", number, numberTests(column, { ...bounds(spec), type }));
      break;
    case "integer":
      if (isNumber) {
        const fraction = whole.test(type) ? [] : [`CAST(${column} AS DOUBLE) <> trunc(CAST(${column} AS DOUBLE))`];
        return plan("number", number, [...numberTests(column, { ...bounds(spec), type }), ...fraction]);
      }
      break;
    case "boolean":
      if (type === "BOOLEAN") return plan("boolean", number, []);
      break;
    case "string":
      if (type === "VARCHAR" && spec.pattern === undefined) return plan("text", column, lengthTests(column, spec));
      break;
    case "category":
      if (type === "VARCHAR" && typeof spec.values[0] === "string") {
        return plan("text", column, [
          `${column} NOT IN (${spec.values.map((value) => sqlText(String(value))).join(", ")})`,
        ]);
      }
      if (isNumber && typeof spec.values[0] === "number") {
        return plan("number", number, [`CAST(${column} AS DOUBLE) NOT IN (${spec.values.map(doubleSql).join(", ")})`]);
      }
      break;
    default:
      break;
  }
  return { name, mode: "cell", value: column, screen: "true", empty };
}

function emptyCell({ nullable, presence }: FieldSpec): EmptyCell {
  if (nullable) return { kind: "null" };
  return presence === "optional" ? { kind: "absent" } : { kind: "screened" };
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

function bounds({ min, max }: Bounds): Bounds {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function numberTests(column: string, { min, max, type }: Bounds & { readonly type: string }): readonly string[] {
  const value = `CAST(${column} AS DOUBLE)`;
  const tests: string[] = [];
  if (/^(FLOAT|DOUBLE)$/.test(type)) tests.push(`NOT isfinite(${value})`);
  // Beyond 2^53 whole numbers and doubles part ways.
  if (/^(U?BIGINT|U?HUGEINT|DECIMAL\b.*)$/.test(type))
    tests.push(`${column} NOT BETWEEN -9007199254740991 AND 9007199254740991`);
  else if (/^(FLOAT|DOUBLE)$/.test(type)) tests.push(`abs(${value}) > 9007199254740991`);
  if (min !== undefined) tests.push(`${value} < ${doubleSql(min)}`);
  if (max !== undefined) tests.push(`${value} > ${doubleSql(max)}`);
  return tests;
}

function lengthTests(
  column: string,
  { minLength, maxLength }: { minLength?: number; maxLength?: number },
): readonly string[] {
  return [
    ...(minLength === undefined ? [] : [`length(${column}) < ${minLength}`]),
    ...(maxLength === undefined ? [] : [`length(${column}) > ${maxLength}`]),
  ];
}

/** A literal such as 0.1 is a DECIMAL in DuckDB. */
function doubleSql(value: unknown): string {
  return `'${String(value)}'::DOUBLE`;
}

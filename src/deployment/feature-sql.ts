// A definition in YAML → SQL: its fields with their rules, and the features that are made of them. A row that breaks a rule has no
// answer: NULL.
import { trimaranError } from "../base/errors.ts";
import type { Cell } from "../data/batch.ts";
import type { Schema } from "../data/field.ts";
import type { CategorySpec, FieldSpec } from "../data/field-spec.ts";
import { both, type Sql, type SqlBuilder, sql } from "../formats/sql/sql-builder.ts";
import { assertDistinctNames, canHold, sqlDouble, sqlName, sqlText } from "../formats/sql/sql-text.ts";
import { constantCell, type SqlCell } from "../formats/sql/sql-value.ts";
import { assertWidth, doubleOf, textType } from "../formats/sql/write-sql.ts";
import type { FeatureExpression } from "./feature-expression.ts";
import type { ResolvedDeployment } from "./resolved-deployment.ts";

/** One field of a row: its value as a feature, and as a template prints it. */
interface FieldSql {
  readonly cell: SqlCell;
  readonly printed: () => Sql;
}

/**
 * What goes into the model, by name.
 * @throws SQL_DEFINITION for what only code or our own reader can do
 */
export function featureSql(builder: SqlBuilder, definition: ResolvedDeployment): ReadonlyMap<string, SqlCell> {
  assertData(definition);
  const { input, name } = definition;
  assertWidth(Object.keys(input).length);
  assertDistinctNames(Object.keys(input), builder.dialect);
  const fields = new Map(
    Object.entries(input).map(([field, { spec }]) => [field, fieldSql(builder, { field, spec, definition: name })]),
  );
  const expressions: Readonly<Record<string, FeatureExpression>> =
    definition.featureExpressions ??
    Object.fromEntries(Object.keys(input).map((field) => [field, { kind: "field", name: field }]));
  return new Map(
    Object.entries(expressions).map(([feature, expression]) => [feature, expressionSql(builder, expression, fields)]),
  );
}

/** The output's rules: what a model answers beyond them is no answer. */
export function outputSql(builder: SqlBuilder, schema: Schema, answer: Sql): Sql {
  const [first] = Object.values(schema);
  if (first === undefined) return answer;
  const { spec } = first;
  const tests: Sql[] = [];
  if (spec.kind === "number" || spec.kind === "integer") {
    tests.push(...boundsSql(builder, builder.column(answer), spec));
    if (spec.kind === "integer") tests.push(sql`${answer} = floor(${answer})`);
  } else if (spec.kind === "category") tests.push(amongSql(builder, answer, spec));
  else if (spec.kind === "string") {
    const length = sql`length(${answer})`;
    if (spec.minLength !== undefined) tests.push(sql`${length} >= ${String(spec.minLength)}`);
    if (spec.maxLength !== undefined) tests.push(sql`${length} <= ${String(spec.maxLength)}`);
    if (spec.pattern !== undefined) throw refusal("", "its output has a `pattern`", patternFix);
  } else if (spec.kind !== "boolean") throw refusal("", `its output is a ${spec.kind}`, noSql);
  const sound = tests.filter(({ text }) => text !== "");
  if (sound.length === 0) return answer;
  return builder.column(sql`CASE WHEN ${both(sound)} THEN ${answer} END`);
}

const yamlFix =
  "Write the features as templates: `trimaran init MODEL --yaml` begins a deployment.yaml; or score with `trimaran score`.";
const noSql = "Score with `trimaran score`.";
const patternFix =
  "Leave the pattern out for the export, and keep such rows away by `batch.where`; or use `trimaran score`.";

function refusal(name: string, problem: string, fix: string): Error {
  return trimaranError("SQL_DEFINITION", { name, problem, fix });
}

/** @throws SQL_DEFINITION */
function assertData(definition: ResolvedDeployment): void {
  const { name } = definition;
  if (definition.hasFeatures && definition.featureExpressions === undefined) {
    throw refusal(name, "`features` is a function, which SQL cannot call", yamlFix);
  }
  if (definition.hasPostprocess) throw refusal(name, "`postprocess` is a function, which SQL cannot call", yamlFix);
  if (definition.lookup !== null) throw refusal(name, "`lookup` asks another system for each row", yamlFix);
  if (definition.estimators.length > 0) throw refusal(name, "`estimators` are functions of your own", noSql);
  if (definition.model?.kind === "record") throw refusal(name, "it has several models", noSql);
}

interface FieldPlace {
  readonly field: string;
  readonly spec: FieldSpec;
  readonly definition: string;
}

function fieldSql(builder: SqlBuilder, place: FieldPlace): FieldSql {
  const { field, spec, definition } = place;
  const { dialect } = builder;
  const column = `r.${sqlName(field, dialect)}`;
  const text = textType(builder);
  const plan = (type: SqlCell["type"], raw: string, tests: (x: Sql) => readonly Sql[]): SqlCell => {
    const filled = spec.presence === "default" && !spec.nullable;
    const read = builder.read(raw);
    const x = filled ? builder.column(sql`coalesce(${read}, ${defaultText(builder, spec)})`) : read;
    const all = tests(x);
    const mayMiss = spec.nullable || spec.presence !== "required";
    if (!mayMiss) builder.require(sql`${x} IS NOT NULL`);
    for (const test of all) builder.require(mayMiss ? sql`coalesce(${test}, true)` : test);
    return { sql: x, type };
  };
  const printedAs = (cell: SqlCell, print: (x: Sql) => Sql) => (): Sql =>
    spec.nullable ? builder.column(sql`coalesce(${print(cell.sql)}, 'null')`) : builder.column(print(cell.sql));
  switch (spec.kind) {
    case "integer": {
      const cell = plan("number", doubleOf(builder, column), (x) => [
        sql`${x} = floor(${x})`,
        ...boundsSql(builder, x, {
          min: Math.max(spec.min ?? Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
          max: Math.min(spec.max ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
        }),
      ]);
      return { cell, printed: printedAs(cell, (x) => wholeText(builder, x)) };
    }
    case "number": {
      const cell = plan("number", doubleOf(builder, column), (x) => boundsSql(builder, x, spec));
      return { cell, printed: printedAs(cell, (x) => numberText(builder, x)) };
    }
    case "boolean": {
      const [one, zero] = [sqlDouble(1, dialect), sqlDouble(0, dialect)];
      const raw = `CASE WHEN ${column} THEN ${one} WHEN NOT ${column} THEN ${zero} END`;
      const cell = plan("number", raw, () => []);
      return {
        cell,
        printed: printedAs(cell, (x) => sql`CASE ${x} WHEN ${one} THEN 'true' WHEN ${zero} THEN 'false' END`),
      };
    }
    case "string": {
      if (spec.pattern !== undefined) throw refusal(definition, `the field ${field} has a \`pattern\``, patternFix);
      const cell = plan("text", `CAST(${column} AS ${text})`, (x) => [
        ...(spec.minLength === undefined ? [] : [sql`length(${x}) >= ${String(spec.minLength)}`]),
        ...(spec.maxLength === undefined ? [] : [sql`length(${x}) <= ${String(spec.maxLength)}`]),
      ]);
      return { cell, printed: printedAs(cell, (x) => x) };
    }
    case "category": {
      if (typeof spec.values[0] === "boolean")
        return fieldSql(builder, { ...place, spec: { ...spec, kind: "boolean" } });
      if (typeof spec.values[0] === "number") {
        const cell = plan("number", doubleOf(builder, column), (x) => [amongSql(builder, x, spec)]);
        return { cell, printed: printedAs(cell, (x) => numberText(builder, x)) };
      }
      const cell = plan("text", `CAST(${column} AS ${text})`, (x) => [amongSql(builder, x, spec)]);
      return { cell, printed: printedAs(cell, (x) => x) };
    }
    case "date": {
      const day = `CAST(${column} AS date)`;
      // PostgreSQL's own text of a date is a setting.
      const part = (name: string, width: number): string =>
        `lpad(CAST(CAST(extract(${name} FROM ${day}) AS integer) AS ${text}), ${width}, '0')`;
      const printed = `${part("year", 4)} || '-' || ${part("month", 2)} || '-' || ${part("day", 2)}`;
      const date = builder.read(day);
      const cell = plan("text", printed, () => [
        ...(spec.min === undefined ? [] : [sql`${date} >= date ${sqlText(spec.min, dialect)}`]),
        ...(spec.max === undefined ? [] : [sql`${date} <= date ${sqlText(spec.max, dialect)}`]),
      ]);
      return { cell, printed: printedAs(cell, (x) => x) };
    }
    case "timestamp":
    case "list":
    case "object": {
      const fix =
        "Derive a number, a text or a date from it in `batch.derive` and declare that; or use `trimaran score`.";
      throw refusal(definition, `the field ${field} is a ${spec.kind}`, fix);
    }
  }
}

function defaultText(builder: SqlBuilder, spec: FieldSpec): string {
  const value = spec.default;
  if (typeof value === "string") return sqlText(value, builder.dialect);
  return sqlDouble(Number(value), builder.dialect);
}

function boundsSql(
  { dialect }: SqlBuilder,
  x: Sql,
  { min, max }: { readonly min?: number; readonly max?: number },
): readonly Sql[] {
  const tests: Sql[] = [];
  // Beyond lie the infinities, which are no numbers of a row.
  tests.push(sql`${x} >= ${sqlDouble(min ?? -Number.MAX_VALUE, dialect)}`);
  tests.push(sql`${x} <= ${sqlDouble(max ?? Number.MAX_VALUE, dialect)}`);
  return tests;
}

function amongSql({ dialect }: SqlBuilder, x: Sql, { values }: CategorySpec): Sql {
  const known = values.flatMap((value): string[] => {
    if (typeof value === "string") return canHold(value, dialect) ? [sqlText(value, dialect)] : [];
    return [typeof value === "boolean" ? String(value) : sqlDouble(value, dialect)];
  });
  return known.length === 0 ? sql`(${x} IS NULL)` : sql`${x} IN (${known.join(", ")})`;
}

function wholeText(builder: SqlBuilder, x: Sql): Sql {
  const { dialect } = builder;
  const limit = sqlDouble(Number.MAX_SAFE_INTEGER, dialect);
  return sql`CASE WHEN abs(${x}) <= ${limit} THEN CAST(CAST(${x} AS bigint) AS ${textType(builder)}) END`;
}

/** Within these bounds both engines and JavaScript print a fraction alike; a row beyond them has no answer. */
const plainFrom = 1e-4;
const plainTo = 1e15;

function numberText(builder: SqlBuilder, x: Sql): Sql {
  const { dialect } = builder;
  const [from, to] = [sqlDouble(plainFrom, dialect), sqlDouble(plainTo, dialect)];
  const text = textType(builder);
  const printed = builder.column(
    sql`CASE WHEN abs(${x}) < ${to} AND ${x} = floor(${x}) THEN CAST(CAST(${x} AS bigint) AS ${text}) WHEN abs(${x}) >= ${from} AND abs(${x}) < ${to} THEN CAST(${x} AS ${text}) END`,
  );
  builder.require(sql`(${printed} IS NOT NULL OR ${x} IS NULL)`);
  return printed;
}

function expressionSql(
  builder: SqlBuilder,
  expression: FeatureExpression,
  fields: ReadonlyMap<string, FieldSql>,
): SqlCell {
  const fieldOf = (name: string): FieldSql => fields.get(name) as FieldSql;
  switch (expression.kind) {
    case "field":
      return fieldOf(expression.name).cell;
    case "constant":
      return constantSql(builder, expression.value);
    case "template": {
      const { texts, names } = expression;
      const parts: Sql[] = [];
      for (const [at, text] of texts.entries()) {
        if (text !== "") parts.push({ text: textConstant(builder, text), level: 0 });
        const name = names[at];
        if (name !== undefined) parts.push(fieldOf(name).printed());
      }
      const level = Math.max(0, ...parts.map((part) => part.level));
      const joined = parts.length === 0 ? "''" : parts.map(({ text }) => text).join(" || ");
      return { sql: builder.column({ text: `CAST(${joined} AS ${textType(builder)})`, level }), type: "text" };
    }
  }
}

function constantSql(builder: SqlBuilder, value: Cell): SqlCell {
  if (typeof value !== "string") {
    const number = value === null ? Number.NaN : Number(value);
    return { sql: constantCell(number, builder).sql, type: "number" };
  }
  return { sql: { text: `CAST(${textConstant(builder, value)} AS ${textType(builder)})`, level: 0 }, type: "text" };
}

/** @throws SQL_DEFINITION */
function textConstant({ dialect }: SqlBuilder, text: string): string {
  if (canHold(text, dialect)) return sqlText(text, dialect);
  throw refusal("features", "a text holds a character that the database cannot hold", "Take it out of the template.");
}

// Pieces of SQL with their parameters, and how a comparison becomes one. Text of a filter only ever travels as a parameter.
import { type Dialect, placeholders, type SqlValue } from "../../io/sql/database.ts";
import { linearPattern, maxPatternChars } from "../../io/sql/linear-pattern.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import type { Comparison } from "./parse-filter.ts";

export interface SqlCondition {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** `column` is ours, never of the filter; only traces take regular expressions. @throws WireError */
export function stringCondition(
  column: string,
  comparison: Comparison,
  dialect: Dialect & { readonly takesPatterns?: boolean },
): SqlCondition {
  const { takesPatterns = false } = dialect;
  const { comparator, value } = comparison;
  if (value.kind === "list") {
    const marks = placeholders(value.texts.length);
    if (comparator === "IN") return { sql: `${column} IN (${marks})`, parameters: value.texts };
    if (comparator === "NOT IN") return { sql: `${column} NOT IN (${marks})`, parameters: value.texts };
    throw unknownComparator(comparison, "=, !=, LIKE, ILIKE, IN, NOT IN");
  }
  if (value.kind !== "string") {
    throw invalidParameter(`Expected a quoted string value for '${comparison.key}' (e.g. 'my-value').`);
  }
  const parameters = [value.text];
  switch (comparator) {
    case "=":
    case "!=":
      return { sql: `${column} ${comparator} ?`, parameters };
    case "LIKE":
    case "ILIKE":
      assertPattern(value.text);
      return { sql: comparator === "LIKE" ? dialect.like(column) : dialect.ilike(column), parameters };
    case "RLIKE":
      if (!takesPatterns) throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
      return { sql: dialect.rlike(column), parameters: [dialect.pattern(checkedPattern(value.text))] };
    default:
      throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
  }
}

/** @throws WireError */
export function numberCondition(column: string, comparison: Comparison): SqlCondition {
  const { comparator, value } = comparison;
  if (!isNumeric(comparator)) throw unknownComparator(comparison, "=, !=, <, <=, >, >=");
  if (value.kind !== "number") {
    throw invalidParameter(
      `Expected numeric value type for numeric attribute: ${comparison.key}.${foundText(comparison)}`,
    );
  }
  return { sql: `${column} ${comparator} ?`, parameters: [value.number] };
}

/** What stands where a number is wanted. */
export function foundText({ value }: Comparison): string {
  return value.kind === "string" ? ` Found '${value.text.slice(0, 100)}'` : "";
}

export function isNumeric(comparator: Comparison["comparator"]): boolean {
  return ["=", "!=", "<", "<=", ">", ">="].includes(comparator);
}

export function unknownComparator({ comparator, key }: Comparison, known: string): Error {
  return invalidParameter(`Invalid comparator '${comparator}' for '${key.slice(0, 100)}'. It must be one of ${known}.`);
}

export function unknownAttribute(key: string, known: readonly string[]): Error {
  return invalidParameter(
    `Invalid attribute key '${key.slice(0, 100)}' specified. Valid keys are '${known.join("', '")}'`,
  );
}

/** @throws WireError for what could be slow, too */
function checkedPattern(source: string): string {
  if (linearPattern(source) === null) {
    throw invalidParameter(
      `Invalid pattern after RLIKE: it must be a regular expression of at most ${maxPatternChars} characters, without back references and look-around.`,
    );
  }
  return source;
}

const maxWildcards = 20;

/** Many wildcards make a match slow. */
function assertPattern(pattern: string): void {
  const wildcards = pattern.match(/%/g)?.length ?? 0;
  if (wildcards > maxWildcards) throw invalidParameter(`A pattern may have at most ${maxWildcards} '%'.`);
}

export function allOf(conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.length === 0) return { sql: "1 = 1", parameters: [] };
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(" AND "),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

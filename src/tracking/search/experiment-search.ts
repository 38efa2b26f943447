// The search for experiments as SQL.
import { type Dialect, placeholders } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { assertDistinct, parseOrderBy } from "./order-by.ts";
import { type Comparison, parseFilter } from "./parse-filter.ts";
import {
  allOf,
  numberCondition,
  type SqlCondition,
  stringCondition,
  unknownAttribute,
  unknownComparator,
} from "./sql-condition.ts";

export interface ExperimentSearch {
  readonly stages: readonly string[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

const orderKeys: ReadonlyMap<string, string> = new Map([
  ["name", "e.name"],
  ["experiment_id", "e.experiment_id"],
  ["creation_time", "e.creation_time"],
  ["last_update_time", "e.last_update_time"],
]);

/** @throws WireError */
export function experimentSearchSql(search: ExperimentSearch, dialect: Dialect): SqlCondition {
  const where = allOf([
    { sql: `e.lifecycle_stage IN (${placeholders(search.stages.length)})`, parameters: search.stages },
    ...parseFilter(search.filter).map((comparison) => condition(comparison, dialect)),
  ]);
  return {
    sql: `SELECT e.* FROM experiments e WHERE ${where.sql} ORDER BY ${order(search.orderBy)} LIMIT ? OFFSET ?`,
    parameters: [...where.parameters, search.limit, search.offset],
  };
}

function condition(comparison: Comparison, dialect: Dialect): SqlCondition {
  const { entity, key, comparator } = comparison;
  if (entity === "tag" || entity === "tags") {
    const known = "t.experiment_id = e.experiment_id AND t.key = ?";
    if (comparator === "IS NULL" || comparator === "IS NOT NULL") {
      const not = comparator === "IS NULL" ? "NOT " : "";
      return { sql: `${not}EXISTS (SELECT 1 FROM experiment_tags t WHERE ${known})`, parameters: [key] };
    }
    if (comparison.value.kind === "list") throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
    const { sql, parameters } = stringCondition("t.value", comparison, dialect);
    return {
      sql: `EXISTS (SELECT 1 FROM experiment_tags t WHERE ${known} AND ${sql})`,
      parameters: [key, ...parameters],
    };
  }
  if (entity !== "" && entity !== "attribute" && entity !== "attributes") {
    throw invalidParameter(
      `Invalid entity type '${entity.slice(0, 100)}'. Valid entity types are 'attribute', 'attributes', 'tag', 'tags'`,
    );
  }
  switch (key) {
    case "name":
      if (comparison.value.kind === "list") throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
      return stringCondition("e.name", comparison, dialect);
    case "experiment_id":
      return experimentIdCondition(comparison);
    case "creation_time":
    case "last_update_time":
      return numberCondition(`e.${key}`, comparison);
    default:
      throw unknownAttribute(key, ["name", "experiment_id", "creation_time", "last_update_time"]);
  }
}

/** It is written as a text, and kept as a number. */
function experimentIdCondition(comparison: Comparison): SqlCondition {
  const { comparator, value } = comparison;
  const isList = value.kind === "list" && (comparator === "IN" || comparator === "NOT IN");
  const isOne = value.kind === "string" && (comparator === "=" || comparator === "!=");
  if (!isList && !isOne) throw unknownComparator(comparison, "=, !=, IN, NOT IN");
  const texts = value.kind === "list" ? value.texts : [value.text];
  const ids = texts.map((text) => {
    if (!/^\d{1,15}$/.test(text)) throw invalidParameter(`Invalid experiment ID: '${text.slice(0, 100)}'`);
    return Number(text);
  });
  const not = comparator === "!=" || comparator === "NOT IN" ? "NOT " : "";
  return { sql: `e.experiment_id ${not}IN (${placeholders(ids.length)})`, parameters: ids };
}

function order(clauses: readonly string[]): string {
  const keys = parseOrderBy(clauses);
  const columns = keys.map(({ entity, key }) => {
    const column = entity === "" || entity === "attribute" ? orderKeys.get(key) : undefined;
    if (column === undefined) throw unknownAttribute(key, [...orderKeys.keys()]);
    return column;
  });
  assertDistinct(columns);
  const parts = columns.map((column, index) => `${column} ${keys[index]?.ascending === false ? "DESC" : "ASC"}`);
  if (parts.length === 0) parts.push("e.creation_time DESC");
  if (!columns.includes("e.experiment_id")) parts.push("e.experiment_id ASC");
  return parts.join(", ");
}

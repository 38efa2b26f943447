// The search for logged models as SQL.
import { type Dialect, placeholders } from "../../io/sql/database.ts";
import { enums } from "../../mlflow/messages/enums.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { maxOrderKeys } from "./order-by.ts";
import { type Comparison, parseFilter, splitName } from "./parse-filter.ts";
import {
  allOf,
  numberCondition,
  type SqlCondition,
  stringCondition,
  unknownAttribute,
  unknownComparator,
} from "./sql-condition.ts";

export interface LoggedModelSearch {
  readonly experimentIds: readonly number[];
  readonly filter: string;
  readonly datasets: readonly MessageOf<"DatasetFilter">[];
  readonly orderBy: readonly MessageOf<"OrderBy">[];
  readonly limit: number;
  readonly offset: number;
}

const texts: ReadonlyMap<string, string> = new Map([
  ["name", "m.name"],
  ["model_id", "m.model_id"],
  ["model_type", "m.model_type"],
  ["source_run_id", "m.source_run_id"],
  ["artifact_location", "m.artifact_location"],
  ["artifact_uri", "m.artifact_location"],
]);
const numbers: ReadonlyMap<string, string> = new Map([
  ["creation_timestamp", "m.creation_timestamp_ms"],
  ["creation_timestamp_ms", "m.creation_timestamp_ms"],
  ["creation_time", "m.creation_timestamp_ms"],
  ["last_updated_timestamp", "m.last_updated_timestamp_ms"],
  ["last_updated_timestamp_ms", "m.last_updated_timestamp_ms"],
]);

/** Gives the identifiers of a page, in order. @throws WireError */
export function loggedModelSearchSql(search: LoggedModelSearch, dialect: Dialect): SqlCondition {
  const where = allOf([
    { sql: `m.experiment_id IN (${placeholders(search.experimentIds.length)})`, parameters: search.experimentIds },
    { sql: "m.lifecycle_stage = 'active'", parameters: [] },
    ...parseFilter(search.filter).map((comparison) => condition(comparison, search.datasets, dialect)),
  ]);
  const order = orderSql(search.orderBy);
  return {
    sql: `SELECT m.model_id AS id FROM logged_models m WHERE ${where.sql} ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    parameters: [...where.parameters, ...order.parameters, search.limit, search.offset],
  };
}

function condition(comparison: Comparison, datasets: LoggedModelSearch["datasets"], dialect: Dialect): SqlCondition {
  const { entity, key } = comparison;
  switch (entity) {
    case "":
    case "attribute":
    case "attributes":
      return attributeCondition(comparison, dialect);
    case "metric":
    case "metrics":
      return metricCondition(comparison, datasets);
    case "param":
    case "params":
      return keyValue({ table: "logged_model_params", name: "param" }, comparison, dialect);
    case "tag":
    case "tags":
      return keyValue({ table: "logged_model_tags", name: "tag" }, comparison, dialect);
    default:
      throw invalidParameter(
        `Invalid identifier '${entity.slice(0, 100)}.${key.slice(0, 100)}': it must be of attributes, metrics, params or tags.`,
      );
  }
}

function attributeCondition(comparison: Comparison, dialect: Dialect): SqlCondition {
  const { key, value } = comparison;
  const number = numbers.get(key);
  if (number !== undefined) return numberCondition(number, comparison);
  if (key === "status") {
    const numberOf = (name: string): number => {
      const known: Readonly<Record<string, number>> = enums.LoggedModelStatus;
      const full = name.startsWith("LOGGED_MODEL_") ? name : `LOGGED_MODEL_${name}`;
      return Object.hasOwn(known, full) ? (known[full] ?? -1) : -1;
    };
    const names = value.kind === "list" ? value.texts : value.kind === "string" ? [value.text] : [];
    const isNot = comparison.comparator === "!=" || comparison.comparator === "NOT IN";
    if (names.length === 0 || !["=", "!=", "IN", "NOT IN"].includes(comparison.comparator))
      throw unknownComparator(comparison, "=, !=, IN, NOT IN");
    return {
      sql: `m.status ${isNot ? "NOT " : ""}IN (${placeholders(names.length)})`,
      parameters: names.map(numberOf),
    };
  }
  const text = texts.get(key);
  if (text === undefined) throw unknownAttribute(key, [...texts.keys(), "status", ...numbers.keys()]);
  return stringCondition(text, comparison, dialect);
}

function keyValue(
  { table, name }: { readonly table: string; readonly name: string },
  comparison: Comparison,
  dialect: Dialect,
): SqlCondition {
  const { sql, parameters } = stringCondition(`k.${name}_value`, comparison, dialect);
  return {
    sql: `EXISTS (SELECT 1 FROM ${table} k WHERE k.model_id = m.model_id AND k.${name}_key = ? AND ${sql})`,
    parameters: [comparison.key, ...parameters],
  };
}

function metricCondition(comparison: Comparison, datasets: LoggedModelSearch["datasets"]): SqlCondition {
  const { sql, parameters } = numberCondition("k.metric_value", comparison);
  const known = datasets.slice(0, 100).map(({ dataset_name, dataset_digest }) => ({
    sql: dataset_digest === undefined ? "k.dataset_name = ?" : "k.dataset_name = ? AND k.dataset_digest = ?",
    parameters: dataset_digest === undefined ? [dataset_name] : [dataset_name, dataset_digest],
  }));
  const any = known.length === 0 ? "" : ` AND (${known.map((each) => `(${each.sql})`).join(" OR ")})`;
  return {
    sql: `EXISTS (SELECT 1 FROM logged_model_metrics k WHERE k.model_id = m.model_id AND k.metric_name = ? AND ${sql}${any})`,
    parameters: [comparison.key, ...parameters, ...known.flatMap((each) => each.parameters)],
  };
}

function orderSql(keys: readonly MessageOf<"OrderBy">[]): SqlCondition {
  if (keys.length > maxOrderKeys) throw invalidParameter(`At most ${maxOrderKeys} keys of order_by are taken.`);
  const parts: string[] = [];
  const parameters: string[] = [];
  for (const { field_name, ascending, dataset_name, dataset_digest } of keys) {
    const { entity, key } = splitName(field_name);
    const direction = ascending ? "ASC" : "DESC";
    if (entity === "metrics") {
      const dataset = `${dataset_name === undefined ? "" : " AND k.dataset_name = ?"}${dataset_digest === undefined ? "" : " AND k.dataset_digest = ?"}`;
      const value = `(SELECT k.metric_value FROM logged_model_metrics k WHERE k.model_id = m.model_id AND k.metric_name = ?${dataset} ORDER BY k.metric_timestamp_ms DESC, k.metric_step DESC LIMIT 1)`;
      const given = [key, dataset_name, dataset_digest].filter((each) => each !== undefined);
      parts.push(`CASE WHEN ${value} IS NULL THEN 1 ELSE 0 END`, `${value} ${direction}`);
      parameters.push(...given, ...given);
      continue;
    }
    const name = entity === "attributes" || entity === "" ? key : field_name;
    const column = name === "name" || name === "model_id" ? texts.get(name) : numbers.get(name);
    if (column === undefined) throw invalidParameter(`Invalid order by field name: ${field_name.slice(0, 200)}`);
    parts.push(`${column} ${direction}`);
  }
  return { sql: [...parts, "m.creation_timestamp_ms DESC", "m.model_id ASC"].join(", "), parameters };
}

// The conditions of a search for runs, as SQL over `runs r`.
import type { Dialect } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import type { Comparison } from "./parse-filter.ts";
import { aliases, attributes, entityOf, numbers, texts } from "./run-keys.ts";
import {
  foundText,
  isNumeric,
  numberCondition,
  type SqlCondition,
  stringCondition,
  unknownAttribute,
  unknownComparator,
} from "./sql-condition.ts";

export interface RunCondition extends SqlCondition {
  /** Asks for the runs that it is true of; null: of most. */
  readonly probe: SqlCondition | null;
}

/** @throws WireError */
export function runCondition(comparison: Comparison, dialect: Dialect): RunCondition {
  switch (entityOf(comparison.entity)) {
    case "attribute":
      return attributeCondition(comparison, dialect);
    case "metric":
      return metricCondition(comparison);
    case "param":
      return keyValueCondition("params", comparison, dialect);
    case "tag":
      return keyValueCondition("tags", comparison, dialect);
    case "dataset":
      return datasetCondition(comparison, dialect);
  }
}

function attributeCondition(comparison: Comparison, dialect: Dialect): RunCondition {
  const key = aliases.get(comparison.key) ?? comparison.key;
  if (comparison.value.kind === "list" && key !== "run_id") {
    throw invalidParameter("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
  }
  const number = numbers.get(key);
  if (number !== undefined) return { ...numberCondition(number, comparison), probe: null };
  // Files of old have the name in the tag only.
  if (key === "run_name") {
    return keyValueCondition("tags", { ...comparison, key: "mlflow.runName" }, dialect);
  }
  const text = texts.get(key);
  if (text === undefined) throw unknownAttribute(key, attributes);
  return { ...stringCondition(text, comparison, dialect), probe: null };
}

/** A NaN is kept as 0 with a mark: it is unequal to everything, and compares with nothing. */
function metricCondition(comparison: Comparison): RunCondition {
  if (!isNumeric(comparison.comparator)) throw unknownComparator(comparison, "=, !=, <, <=, >, >=");
  if (comparison.value.kind !== "number")
    throw invalidParameter(`Expected numeric value type for metric.${foundText(comparison)}`);
  const nan = comparison.comparator === "!=" ? "OR m.is_nan" : "AND NOT m.is_nan";
  const { sql, parameters } = numberCondition("m.value", comparison);
  return exists("latest_metrics m", "m.run_uuid", {
    sql: `m.key = ? AND (${sql} ${nan})`,
    parameters: [comparison.key, ...parameters],
  });
}

function keyValueCondition(table: "params" | "tags", comparison: Comparison, dialect: Dialect): RunCondition {
  const { comparator, key } = comparison;
  if (comparator === "IS NULL" || comparator === "IS NOT NULL") {
    const found = exists(`${table} k`, "k.run_uuid", { sql: "k.key = ?", parameters: [key] });
    return comparator === "IS NULL" ? { ...found, sql: `NOT ${found.sql}`, probe: null } : found;
  }
  if (comparator === "IN" || comparator === "NOT IN") throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
  const { sql, parameters } = stringCondition("k.value", comparison, dialect);
  return exists(`${table} k`, "k.run_uuid", { sql: `k.key = ? AND ${sql}`, parameters: [key, ...parameters] });
}

function datasetCondition(comparison: Comparison, dialect: Dialect): RunCondition {
  const { key } = comparison;
  const edge = "i.destination_type = 'RUN' AND i.source_type = 'DATASET'";
  if (key === "context") {
    const { sql, parameters } = stringCondition("t.value", comparison, dialect);
    const from = "inputs i JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'";
    return exists(from, "i.destination_id", { sql: `${edge} AND ${sql}`, parameters });
  }
  if (key !== "name" && key !== "digest") {
    throw invalidParameter(
      `Invalid dataset key '${key.slice(0, 100)}' specified. Valid keys are 'name', 'digest', 'context'`,
    );
  }
  const { sql, parameters } = stringCondition(`d.${key}`, comparison, dialect);
  const from = "inputs i JOIN datasets d ON d.dataset_uuid = i.source_id";
  return exists(from, "i.destination_id", { sql: `${edge} AND ${sql}`, parameters });
}

function exists(from: string, run: string, { sql, parameters }: SqlCondition): RunCondition {
  return {
    sql: `EXISTS (SELECT 1 FROM ${from} WHERE ${run} = r.run_uuid AND ${sql})`,
    parameters,
    probe: { sql: `SELECT ${run} AS id FROM ${from} WHERE ${sql}`, parameters },
  };
}

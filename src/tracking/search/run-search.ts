// The search for runs: what may be compared and ordered, as SQL.
import { type Dialect, placeholders, type SqlValue } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { assertDistinct, type OrderKey, parseOrderBy } from "./order-by.ts";
import { type Comparison, parseFilter } from "./parse-filter.ts";
import {
  allOf,
  isNumeric,
  numberCondition,
  type SqlCondition,
  stringCondition,
  unknownAttribute,
  unknownComparator,
} from "./sql-condition.ts";

type Entity = "attribute" | "metric" | "param" | "tag" | "dataset";

const entities: ReadonlyMap<string, Entity> = new Map(
  Object.entries<Entity>({
    "": "attribute",
    attribute: "attribute",
    attributes: "attribute",
    attr: "attribute",
    run: "attribute",
    metric: "metric",
    metrics: "metric",
    param: "param",
    params: "param",
    parameter: "param",
    parameters: "param",
    tag: "tag",
    tags: "tag",
    dataset: "dataset",
    datasets: "dataset",
  }),
);

const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    created: "start_time",
    Created: "start_time",
    "run name": "run_name",
    "Run name": "run_name",
    "Run Name": "run_name",
  }),
);
const numbers: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({ start_time: "r.start_time", end_time: "r.end_time" }),
);
const texts: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    run_id: "r.run_uuid",
    status: "r.status",
    user_id: "r.user_id",
    artifact_uri: "r.artifact_uri",
  }),
);
const attributes: readonly string[] = [...texts.keys(), "run_name", ...numbers.keys()];

export interface RunSearch {
  readonly experimentIds: readonly number[];
  readonly stages: readonly string[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

/** Gives the identifiers of a page, in order. @throws WireError */
export function runSearchSql(search: RunSearch, dialect: Dialect): SqlCondition {
  const where = allOf([
    { sql: `r.experiment_id IN (${placeholders(search.experimentIds.length)})`, parameters: search.experimentIds },
    { sql: `r.lifecycle_stage IN (${placeholders(search.stages.length)})`, parameters: search.stages },
    ...parseFilter(search.filter).map((comparison) => runCondition(comparison, dialect)),
  ]);
  const { joins, parameters, order } = orderSql(parseOrderBy(search.orderBy));
  return {
    sql: `SELECT r.run_uuid AS id FROM runs r ${joins} WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
    parameters: [...parameters, ...where.parameters, search.limit, search.offset],
  };
}

function entityOf(name: string): Entity {
  const entity = entities.get(name);
  if (entity === undefined) {
    throw invalidParameter(
      `Invalid entity type '${name.slice(0, 100)}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
    );
  }
  return entity;
}

function runCondition(comparison: Comparison, dialect: Dialect): SqlCondition {
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

function attributeCondition(comparison: Comparison, dialect: Dialect): SqlCondition {
  const key = aliases.get(comparison.key) ?? comparison.key;
  if (comparison.value.kind === "list" && key !== "run_id") {
    throw invalidParameter("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
  }
  const number = numbers.get(key);
  if (number !== undefined) return numberCondition(number, comparison);
  // Files of old have the name in the tag only.
  if (key === "run_name") {
    return keyValueCondition("tags", { ...comparison, key: "mlflow.runName" }, dialect);
  }
  const text = texts.get(key);
  if (text === undefined) throw unknownAttribute(key, attributes);
  return stringCondition(text, comparison, dialect);
}

/** A NaN is kept as 0 with a mark: it is unequal to everything, and compares with nothing. */
function metricCondition(comparison: Comparison): SqlCondition {
  if (!isNumeric(comparison.comparator)) throw unknownComparator(comparison, "=, !=, <, <=, >, >=");
  if (comparison.value.kind !== "number") throw invalidParameter("Expected numeric value type for metric.");
  const nan = comparison.comparator === "!=" ? "OR m.is_nan" : "AND NOT m.is_nan";
  const { sql, parameters } = numberCondition("m.value", comparison);
  return exists("latest_metrics m", "m.run_uuid", {
    sql: `m.key = ? AND (${sql} ${nan})`,
    parameters: [comparison.key, ...parameters],
  });
}

function keyValueCondition(table: "params" | "tags", comparison: Comparison, dialect: Dialect): SqlCondition {
  const { comparator, key } = comparison;
  if (comparator === "IS NULL" || comparator === "IS NOT NULL") {
    const { sql, parameters } = exists(`${table} k`, "k.run_uuid", { sql: "k.key = ?", parameters: [key] });
    return { sql: comparator === "IS NULL" ? `NOT ${sql}` : sql, parameters };
  }
  if (comparator === "IN" || comparator === "NOT IN") throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
  const { sql, parameters } = stringCondition("k.value", comparison, dialect);
  return exists(`${table} k`, "k.run_uuid", { sql: `k.key = ? AND ${sql}`, parameters: [key, ...parameters] });
}

function datasetCondition(comparison: Comparison, dialect: Dialect): SqlCondition {
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

function exists(from: string, run: string, { sql, parameters }: SqlCondition): SqlCondition {
  return { sql: `EXISTS (SELECT 1 FROM ${from} WHERE ${run} = r.run_uuid AND ${sql})`, parameters };
}

interface OrderSql {
  readonly joins: string;
  readonly parameters: readonly SqlValue[];
  readonly order: string;
}

function orderSql(keys: readonly OrderKey[]): OrderSql {
  const joins: string[] = [];
  const parameters: SqlValue[] = [];
  const order: string[] = [];
  const seen: string[] = [];
  for (const [index, { entity, key: written, ascending }] of keys.entries()) {
    const kind = entityOf(entity);
    const key = kind === "attribute" ? (aliases.get(written) ?? written) : written;
    seen.push(`${kind} ${key}`);
    const direction = ascending ? "ASC" : "DESC";
    if (kind === "dataset") throw invalidParameter("Invalid identifier type 'dataset' in order_by.");
    if (kind === "attribute") {
      const column = orderColumn(key);
      order.push(`CASE WHEN ${column} IS NULL THEN 1 ELSE 0 END`, `${column} ${direction}`);
      continue;
    }
    const table = kind === "metric" ? "latest_metrics" : kind === "param" ? "params" : "tags";
    const name = `o${index}`;
    joins.push(`LEFT JOIN ${table} ${name} ON ${name}.run_uuid = r.run_uuid AND ${name}.key = ?`);
    parameters.push(key);
    const nan = kind === "metric" ? `WHEN ${name}.is_nan THEN 1 ` : "";
    order.push(`CASE ${nan}WHEN ${name}.value IS NULL THEN 2 ELSE 0 END`, `${name}.value ${direction}`);
  }
  assertDistinct(seen);
  if (!seen.includes("attribute start_time")) order.push("r.start_time DESC");
  return { joins: joins.join(" "), parameters, order: [...order, "r.run_uuid"].join(", ") };
}

function orderColumn(key: string): string {
  const column = key === "run_name" ? "r.name" : (texts.get(key) ?? numbers.get(key));
  if (column === undefined) throw unknownAttribute(key, attributes);
  return column;
}

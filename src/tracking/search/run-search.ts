// The search for runs: what may be compared and ordered, as SQL.
import { type Dialect, placeholders, type SqlValue, type Statements } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { hasSearchIndexes } from "../store/schema/search-indexes.ts";
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

/** Runs of which few enough are left that each can be looked at. */
const few = 2000;
/** Among so many every way is fast. */
const manyRuns = 5000;
/** Conditions that are asked for the runs that they leave. */
const maxProbes = 8;

/** Identifiers of a page, in order. @throws WireError */
export async function searchRunIds(statements: Statements, search: RunSearch): Promise<readonly string[]> {
  const plan = planOf(search, statements.dialect);
  const among = [...search.experimentIds, ...search.stages];
  if ((await hasSearchIndexes(statements)) && (await isMany(statements, plan, among))) {
    const ids = await narrowed(statements, plan.conditions);
    if (ids !== null) {
      const from = "json_each(?) j CROSS JOIN runs r ON r.run_uuid = j.value";
      return page(statements, plan, { from, before: [JSON.stringify(ids)] });
    }
    if (plan.first !== null) return inSegments(statements, plan, plan.first);
    // In no index's order: all are read as they lie.
    if (!plan.order.order.startsWith("r.start_time "))
      return page(statements, plan, { from: "runs r NOT INDEXED", before: [] });
  }
  return page(statements, plan, { from: "runs r", before: [] });
}

interface SearchPlan {
  readonly search: RunSearch;
  readonly among: string;
  readonly where: SqlCondition;
  readonly conditions: readonly RunCondition[];
  readonly order: OrderSql;
  /** What is ordered by before all else, when runs may lack it. */
  readonly first: KeyOrder | null;
}

function planOf(search: RunSearch, dialect: Dialect): SearchPlan {
  const among = `r.experiment_id IN (${placeholders(search.experimentIds.length)}) AND r.lifecycle_stage IN (${placeholders(search.stages.length)})`;
  const conditions = parseFilter(search.filter).map((comparison) => runCondition(comparison, dialect));
  const own = { sql: among, parameters: [...search.experimentIds, ...search.stages] };
  const order = orderSql(parseOrderBy(search.orderBy));
  return { search, among, where: allOf([own, ...conditions]), conditions, order, first: order.first };
}

async function isMany(
  statements: Statements,
  { among }: SearchPlan,
  parameters: readonly SqlValue[],
): Promise<boolean> {
  const sql = `SELECT count(*) AS runs FROM (SELECT 1 FROM runs r WHERE ${among} LIMIT ?)`;
  const [row] = await statements.query(sql, [...parameters, manyRuns]);
  return Number(row?.["runs"] ?? 0) >= manyRuns;
}

/** The runs that the first selective condition leaves; null when there is none. */
async function narrowed(
  statements: Statements,
  conditions: readonly RunCondition[],
): Promise<readonly string[] | null> {
  for (const { probe } of conditions.filter((each) => each.probe !== null).slice(0, maxProbes)) {
    if (probe === null) continue;
    const rows = await statements.query(`${probe.sql} LIMIT ?`, [...probe.parameters, few + 1]);
    if (rows.length <= few) return [...new Set(rows.map(({ id }) => String(id)))];
  }
  return null;
}

interface Source {
  readonly from: string;
  readonly before: readonly SqlValue[];
}

async function page(statements: Statements, plan: SearchPlan, { from, before }: Source): Promise<readonly string[]> {
  const { search, where, order } = plan;
  const rows = await statements.query(
    `SELECT r.run_uuid AS id FROM ${from} ${order.joins} WHERE ${where.sql} ORDER BY ${order.order} LIMIT ? OFFSET ?`,
    [...before, ...order.parameters, ...where.parameters, search.limit, search.offset],
  );
  return rows.map(({ id }) => String(id));
}

/** Runs that have the key, by the index of its values; then those whose metric is NaN; then those that lack it. */
async function inSegments(statements: Statements, plan: SearchPlan, first: KeyOrder): Promise<readonly string[]> {
  const { search, where, order } = plan;
  const { table, key, ascending, joins, parameters } = first;
  const isMetric = table === "latest_metrics";
  const has = `FROM ${table} o0 CROSS JOIN runs r ON r.run_uuid = o0.run_uuid ${joins} WHERE o0.key = ?`;
  const rest = order.rest;
  const value = `o0.value ${ascending ? "ASC" : "DESC"}`;
  const numbers = isMetric ? " AND o0.is_nan = 0" : " AND o0.value IS NOT NULL";
  const segments = [
    { sql: `${has.replace("WHERE o0.key = ?", `WHERE o0.key = ?${numbers}`)}`, by: `${value}, ${rest}` },
    ...(isMetric ? [{ sql: `${has} AND o0.is_nan = 1`, by: rest }] : []),
  ].map((each) => ({ ...each, parameters: [...parameters, key] }));
  const lacks = `FROM runs r ${joins} WHERE NOT EXISTS (SELECT 1 FROM ${table} o0 WHERE o0.run_uuid = r.run_uuid AND o0.key = ? AND o0.value IS NOT NULL)`;
  segments.push({ sql: lacks, by: rest, parameters: [...parameters, key] });
  const found: string[] = [];
  let { offset } = search;
  for (const segment of segments) {
    const left = search.limit - found.length;
    const sql = `${segment.sql} AND ${where.sql}`;
    const values = [...segment.parameters, ...where.parameters];
    const rows = await statements.query(`SELECT r.run_uuid AS id ${sql} ORDER BY ${segment.by} LIMIT ? OFFSET ?`, [
      ...values,
      left,
      offset,
    ]);
    for (const { id } of rows) found.push(String(id));
    if (found.length >= search.limit) break;
    if (rows.length > 0) offset = 0;
    else if (offset > 0) {
      const [counted] = await statements.query(`SELECT count(*) AS runs ${sql}`, values);
      offset -= Number(counted?.["runs"] ?? 0);
    }
  }
  return found;
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

interface RunCondition extends SqlCondition {
  /** Asks for the runs that it is true of; null: of most. */
  readonly probe: SqlCondition | null;
}

function runCondition(comparison: Comparison, dialect: Dialect): RunCondition {
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
  if (comparison.value.kind !== "number") throw invalidParameter("Expected numeric value type for metric.");
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

/** An order by a metric, parameter or tag. */
interface KeyOrder {
  readonly table: "latest_metrics" | "params" | "tags";
  readonly key: string;
  readonly ascending: boolean;
  /** Of the keys after it. */
  readonly joins: string;
  readonly parameters: readonly SqlValue[];
}

interface OrderSql {
  readonly joins: string;
  readonly parameters: readonly SqlValue[];
  readonly order: string;
  /** What the first key leaves equal. */
  readonly rest: string;
  readonly first: KeyOrder | null;
}

function orderSql(keys: readonly OrderKey[]): OrderSql {
  const joins: string[] = [];
  const parameters: string[] = [];
  const parts: string[] = [];
  const seen: string[] = [];
  let first: Omit<KeyOrder, "joins" | "parameters"> | null = null;
  for (const [index, { entity, key: written, ascending }] of keys.entries()) {
    const kind = entityOf(entity);
    const key = kind === "attribute" ? (aliases.get(written) ?? written) : written;
    seen.push(`${kind} ${key}`);
    const direction = ascending ? "ASC" : "DESC";
    if (kind === "dataset") throw invalidParameter("Invalid identifier type 'dataset' in order_by.");
    if (kind === "attribute") {
      parts.push(`${orderColumn(key)} ${direction} NULLS LAST`);
      continue;
    }
    const table = kind === "metric" ? "latest_metrics" : kind === "param" ? "params" : "tags";
    const name = `o${index}`;
    if (index === 0) first = { table, key, ascending };
    joins.push(`LEFT JOIN ${table} ${name} ON ${name}.run_uuid = r.run_uuid AND ${name}.key = ?`);
    parameters.push(key);
    const nan = kind === "metric" ? `WHEN ${name}.is_nan THEN 1 ` : "";
    parts.push(`CASE ${nan}WHEN ${name}.value IS NULL THEN 2 ELSE 0 END, ${name}.value ${direction}`);
  }
  assertDistinct(seen);
  if (!seen.includes("attribute start_time")) parts.push("r.start_time DESC NULLS LAST");
  parts.push("r.run_uuid");
  const others = { joins: joins.slice(1).join(" "), parameters: parameters.slice(1) };
  return {
    joins: joins.join(" "),
    parameters,
    order: parts.join(", "),
    rest: parts.slice(1).join(", "),
    first: first === null ? null : { ...first, ...others },
  };
}

function orderColumn(key: string): string {
  const column = key === "run_name" ? "r.name" : (texts.get(key) ?? numbers.get(key));
  if (column === undefined) throw unknownAttribute(key, attributes);
  return column;
}

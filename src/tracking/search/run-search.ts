// The search for runs: the identifiers of a page. Among many runs it takes the way on which few are looked at.
import { type Dialect, placeholders, type SqlValue, type Statements } from "../../io/sql/database.ts";
import { hasSearchIndexes } from "../store/schema/search-indexes.ts";
import { parseOrderBy } from "./order-by.ts";
import { parseFilter } from "./parse-filter.ts";
import { type RunCondition, runCondition } from "./run-conditions.ts";
import { type KeyOrder, type OrderSql, orderSql } from "./run-order.ts";
import { allOf, type SqlCondition } from "./sql-condition.ts";

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

// The search for traces as SQL: attributes, tags, metadata, spans, assessments, runs and prompts.
import { type Dialect, placeholders } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { sessionKey, traceNameTag } from "../store/trace-columns.ts";
import { assertDistinct, parseOrderBy } from "./order-by.ts";
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

export interface TraceSearch {
  readonly experimentIds: readonly number[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

interface Setting {
  readonly dialect: Dialect & { readonly takesPatterns?: boolean };
  /** Names and sessions have columns in this store. */
  readonly hasColumns: boolean;
}

const end = "(t.timestamp_ms + COALESCE(t.execution_time_ms, 0))";
const numbers: ReadonlyMap<string, string> = new Map([
  ["timestamp", "t.timestamp_ms"],
  ["timestamp_ms", "t.timestamp_ms"],
  ["execution_time", "t.execution_time_ms"],
  ["execution_time_ms", "t.execution_time_ms"],
  ["end_time", end],
  ["end_time_ms", end],
]);
const texts: ReadonlyMap<string, string> = new Map([
  ["request_id", "t.request_id"],
  ["trace_id", "t.request_id"],
  ["status", "t.status"],
  ["client_request_id", "t.client_request_id"],
]);
const attributes = [...texts.keys(), ...numbers.keys(), "name", "run_id", "prompt", "text"];

/** @throws WireError */
export function traceWhere(
  { experimentIds, filter }: Pick<TraceSearch, "experimentIds" | "filter">,
  plain: Setting,
): SqlCondition {
  const setting = { ...plain, dialect: { ...plain.dialect, takesPatterns: true } };
  const parsed = parseFilter(filter);
  const spans = parsed.filter(({ entity }) => entity === "span");
  return allOf([
    { sql: `t.experiment_id IN (${placeholders(experimentIds.length)})`, parameters: experimentIds },
    ...parsed.filter(({ entity }) => entity !== "span").map((comparison) => condition(comparison, setting)),
    // One span must be all that is asked of a span.
    ...(spans.length === 0 ? [] : [spanExists(allOf(spans.map((comparison) => spanCondition(comparison, setting))))]),
  ]);
}

/** @throws WireError */
export function traceSearchSql(search: TraceSearch, setting: Setting): SqlCondition {
  const where = traceWhere(search, setting);
  const { joins, parameters, order } = orderSql(search.orderBy, setting);
  return {
    sql: `SELECT t.* FROM trace_info t ${joins.join(" ")} WHERE ${where.sql} ORDER BY ${order.join(", ")} LIMIT ? OFFSET ?`,
    parameters: [...parameters, ...where.parameters, search.limit, search.offset],
  };
}

function condition(comparison: Comparison, setting: Setting): SqlCondition {
  switch (comparison.entity) {
    case "":
    case "attribute":
    case "attributes":
    case "trace":
      return attributeCondition(comparison, setting);
    case "tag":
    case "tags":
      return keyed(comparison, setting, {
        table: "trace_tags",
        column: comparison.key === traceNameTag ? "t.trace_name" : null,
      });
    case "metadata":
    case "request_metadata":
      return metadataCondition(comparison, setting);
    case "feedback":
    case "expectation":
      return assessmentCondition(comparison, setting);
    case "issue":
      return issueCondition(comparison);
    default:
      throw invalidParameter(
        `Invalid entity type '${comparison.entity.slice(0, 100)}'. Valid values are ['attribute', 'expectation', 'feedback', 'issue', 'metadata', 'request_metadata', 'span', 'tag', 'trace']`,
      );
  }
}

function attributeCondition(comparison: Comparison, setting: Setting): SqlCondition {
  const key = comparison.key.toLowerCase();
  switch (key) {
    case "name":
      return keyed({ ...comparison, key: traceNameTag }, setting, { table: "trace_tags", column: "t.trace_name" });
    case "run_id":
      return metadataCondition({ ...comparison, key: "mlflow.sourceRun" }, setting);
    case "prompt":
      return promptCondition(comparison);
    case "text": {
      if (!["LIKE", "ILIKE", "RLIKE"].includes(comparison.comparator)) {
        throw unknownComparator(comparison, "LIKE, ILIKE, RLIKE");
      }
      return spanExists(stringCondition("s.content", comparison, setting.dialect));
    }
  }
  const number = numbers.get(key);
  if (number !== undefined) return numberCondition(number, comparison);
  const text = texts.get(key);
  if (text === undefined) throw unknownAttribute(comparison.key, attributes);
  return stringCondition(text, comparison, setting.dialect);
}

function metadataCondition(comparison: Comparison, setting: Setting): SqlCondition {
  const column = comparison.key === sessionKey ? "t.session_id" : null;
  if (comparison.key !== "mlflow.sourceRun" || comparison.comparator !== "=") {
    return keyed(comparison, setting, { table: "trace_request_metadata", column });
  }
  const own = keyed(comparison, setting, { table: "trace_request_metadata", column });
  const value = textValue(comparison);
  return {
    sql: `(${own.sql} OR ${linked("run")})`,
    parameters: [...own.parameters, value],
  };
}

function linked(kind: "run" | "prompt_version"): string {
  return `EXISTS (SELECT 1 FROM entity_associations a WHERE a.source_type = 'trace' AND a.source_id = t.request_id AND a.destination_type = '${kind}' AND a.destination_id = ?)`;
}

function promptCondition(comparison: Comparison): SqlCondition {
  const value = textValue(comparison);
  if (comparison.comparator !== "=") {
    throw invalidParameter(
      `Invalid comparator '${comparison.comparator}' for prompts filter. Only '=' is supported with format: prompt = "name/version"`,
    );
  }
  if (value.split("/").length !== 2) {
    throw invalidParameter(
      `Invalid prompts filter value '${value.slice(0, 100)}'. Expected format: prompt = "name/version"`,
    );
  }
  return { sql: linked("prompt_version"), parameters: [value] };
}

function textValue({ key, value }: Comparison): string {
  if (value.kind === "string") return value.text;
  throw invalidParameter(`Expected a quoted string value for '${key.slice(0, 100)}' (e.g. 'my-value').`);
}

interface Place {
  readonly table: "trace_tags" | "trace_request_metadata";
  readonly column: string | null;
}

function keyed(comparison: Comparison, { dialect, hasColumns }: Setting, { table, column }: Place): SqlCondition {
  const { comparator, key } = comparison;
  const isNull = comparator === "IS NULL" || comparator === "IS NOT NULL";
  if (column !== null && hasColumns) {
    return isNull ? { sql: `${column} ${comparator}`, parameters: [] } : stringCondition(column, comparison, dialect);
  }
  const from = `EXISTS (SELECT 1 FROM ${table} k WHERE k.request_id = t.request_id AND k.key = ?`;
  if (isNull) return { sql: `${comparator === "IS NULL" ? "NOT " : ""}${from})`, parameters: [key] };
  const { sql, parameters } = stringCondition("k.value", comparison, dialect);
  return { sql: `${from} AND ${sql})`, parameters: [key, ...parameters] };
}

function spanExists({ sql, parameters }: SqlCondition): SqlCondition {
  return { sql: `EXISTS (SELECT 1 FROM spans s WHERE s.trace_id = t.request_id AND ${sql})`, parameters };
}

function spanCondition(comparison: Comparison, { dialect }: Setting): SqlCondition {
  const { key, comparator, value } = comparison;
  if (key === "name" || key === "type" || key === "status") return stringCondition(`s.${key}`, comparison, dialect);
  if (key === "content" && (comparator === "LIKE" || comparator === "ILIKE" || comparator === "RLIKE")) {
    return stringCondition("s.content", comparison, dialect);
  }
  if (!key.startsWith("attributes.") || key === "attributes.") {
    throw invalidParameter(
      `Invalid span attribute '${key.slice(0, 100)}'. Supported attributes: name, status, type, attributes.<attribute_name>.`,
    );
  }
  const name = key.slice("attributes.".length).replace(/^[`"]|[`"]$/g, "");
  if ((comparator !== "LIKE" && comparator !== "ILIKE" && comparator !== "RLIKE") || value.kind !== "string") {
    throw unknownComparator(comparison, "LIKE, ILIKE, RLIKE");
  }
  if (comparator === "RLIKE") {
    // The value is JSON's text within JSON's text.
    const plainName = name.replace(/[^\w]/gu, "\\$&");
    const begins = value.text.startsWith("^") ? value.text.slice(1) : `.*${value.text}`;
    const text = `"${plainName}": "\\\\"${begins.endsWith("$") ? `${begins.slice(0, -1)}\\\\"` : begins}`;
    return stringCondition("s.content", { ...comparison, value: { kind: "string", text } }, dialect);
  }
  // The attribute lies in the span's JSON.
  const text = `%"${name}"%${value.text}%`.replace(/%+/g, "%");
  return stringCondition("s.content", { ...comparison, value: { kind: "string", text } }, dialect);
}

function assessmentCondition(comparison: Comparison, { dialect }: Setting): SqlCondition {
  const { entity, key, comparator, value } = comparison;
  const from = `EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.request_id AND a.assessment_type = '${entity === "feedback" ? "feedback" : "expectation"}' AND a.name = ? AND a.valid`;
  if (comparator === "IS NULL") return { sql: `NOT ${from})`, parameters: [key] };
  if (comparator === "IS NOT NULL") return { sql: `${from})`, parameters: [key] };
  if (value.kind === "list") throw unknownComparator(comparison, "=, !=, <, <=, >, >=, LIKE, ILIKE");
  if (isNumeric(comparator) && comparator !== "=" && comparator !== "!=") {
    const { sql, parameters } = numberCondition("a.aggregate_value", comparison);
    return { sql: `${from} AND a.is_numeric_value AND ${sql})`, parameters: [key, ...parameters] };
  }
  const text = value.kind === "number" ? String(value.number) : textValue(comparison);
  if (comparator === "LIKE" || comparator === "ILIKE" || comparator === "RLIKE") {
    const { sql, parameters } = stringCondition("a.value", comparison, dialect);
    return { sql: `${from} AND ${sql})`, parameters: [key, ...parameters] };
  }
  // As a plain value of JSON, or as a text of it.
  const either = "(a.value = ? OR a.value = ?)";
  const sql = `${from} AND ${comparator === "=" ? either : `NOT ${either}`})`;
  return { sql, parameters: [key, text, JSON.stringify(text)] };
}

function issueCondition(comparison: Comparison): SqlCondition {
  if (comparison.key !== "id" || comparison.comparator !== "=") throw unknownComparator(comparison, "issue.id = 'ID'");
  return {
    sql: "EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.request_id AND a.assessment_type = 'issue' AND a.name = ?)",
    parameters: [textValue(comparison)],
  };
}

interface Ordering {
  readonly joins: string[];
  readonly parameters: string[];
  readonly order: string[];
}

function orderSql(clauses: readonly string[], { hasColumns }: Setting): Ordering {
  const out: Ordering = { joins: [], parameters: [], order: [] };
  const seen: string[] = [];
  for (const [index, { entity, key: written, ascending }] of parseOrderBy(clauses).entries()) {
    const isAttribute = entity === "" || entity === "attribute" || entity === "attributes" || entity === "trace";
    const isTag = entity === "tag" || entity === "tags";
    if (!isAttribute && !isTag && entity !== "metadata" && entity !== "request_metadata") {
      throw invalidParameter(`Invalid identifier type '${entity.slice(0, 100)}'`);
    }
    const key =
      isAttribute && written === "name"
        ? traceNameTag
        : isAttribute && written === "run_id"
          ? "mlflow.sourceRun"
          : written;
    seen.push(`${isAttribute ? "" : entity}.${key}`);
    const column = isAttribute ? orderColumn(key) : null;
    const promoted = hasColumns ? promotedColumns.get(key) : undefined;
    let expression = column ?? promoted;
    if (expression === undefined) {
      const table = isTag || key === traceNameTag ? "trace_tags" : "trace_request_metadata";
      out.joins.push(`LEFT JOIN ${table} o${index} ON o${index}.request_id = t.request_id AND o${index}.key = ?`);
      out.parameters.push(key);
      expression = `o${index}.value`;
    }
    out.order.push(`CASE WHEN ${expression} IS NULL THEN 1 ELSE 0 END`, `${expression} ${ascending ? "ASC" : "DESC"}`);
  }
  assertDistinct(seen);
  out.order.push("t.timestamp_ms DESC", "t.request_id ASC");
  return out;
}

const promotedColumns: ReadonlyMap<string, string> = new Map([
  [traceNameTag, "t.trace_name"],
  [sessionKey, "t.session_id"],
]);

/** Null: it is no column. */
function orderColumn(key: string): string | null {
  if (key === traceNameTag || key === "mlflow.sourceRun") return null;
  const column = key === "experiment_id" ? "t.experiment_id" : (texts.get(key) ?? numbers.get(key));
  if (column === undefined)
    throw unknownAttribute(key, ["experiment_id", ...texts.keys(), ...numbers.keys(), "name", "run_id"]);
  return column;
}

// The searches for registered models and for their versions as SQL.
import type { Dialect } from "../../io/sql/database.ts";
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

export interface RegistrySearch {
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

const promptTag = "mlflow.prompt.is_prompt";

/** @throws WireError */
export function registeredSearchSql(search: RegistrySearch, dialect: Dialect): SqlCondition {
  const comparisons = parseFilter(search.filter);
  const tags = "registered_model_tags t WHERE t.name = m.name";
  const where = allOf([
    ...promptCondition(comparisons, tags),
    ...comparisons.map((each) => registeredCondition(each, tags, dialect)),
  ]);
  const order = orderSql(search.orderBy, { keys: registeredKeys, usual: [], last: "m.name ASC" });
  return paged(
    `SELECT m.* FROM registered_models m WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
    where,
    search,
  );
}

/** @throws WireError */
export function versionSearchSql(search: RegistrySearch, dialect: Dialect): SqlCondition {
  const comparisons = parseFilter(search.filter);
  const tags = "model_version_tags t WHERE t.name = v.name AND t.version = v.version";
  const where = allOf([
    { sql: "v.current_stage <> 'Deleted_Internal'", parameters: [] },
    ...promptCondition(comparisons, tags),
    ...comparisons.map((each) => versionCondition(each, tags, dialect)),
  ]);
  const order = orderSql(search.orderBy, {
    keys: versionKeys,
    usual: ["v.last_updated_time DESC"],
    last: "v.name ASC, v.version DESC",
  });
  return paged(`SELECT v.* FROM model_versions v WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`, where, search);
}

function paged(sql: string, where: SqlCondition, { limit, offset }: RegistrySearch): SqlCondition {
  return { sql, parameters: [...where.parameters, limit, offset] };
}

/** Prompts are kept among the models, and shown only to who asks for them. */
function promptCondition(comparisons: readonly Comparison[], tags: string): readonly SqlCondition[] {
  const asked = comparisons.some(
    ({ entity, key, comparator, value }) =>
      isTag(entity) &&
      key === promptTag &&
      value.kind === "string" &&
      ((comparator === "=" && value.text === "true") || (comparator === "!=" && value.text === "false")),
  );
  return asked
    ? []
    : [{ sql: `NOT EXISTS (SELECT 1 FROM ${tags} AND t.key = ? AND t.value = 'true')`, parameters: [promptTag] }];
}

function isTag(entity: string): boolean {
  return entity === "tag" || entity === "tags";
}

function tagCondition(comparison: Comparison, tags: string, dialect: Dialect): SqlCondition {
  const { key, comparator, value } = comparison;
  if (comparator === "IS NULL" || comparator === "IS NOT NULL") {
    const not = comparator === "IS NULL" ? "NOT " : "";
    return { sql: `${not}EXISTS (SELECT 1 FROM ${tags} AND t.key = ?)`, parameters: [key] };
  }
  if (value.kind === "list") throw unknownComparator(comparison, "=, !=, LIKE, ILIKE");
  // A prompt's mark may be missing; then it is none.
  const isNoPrompt = key === promptTag && comparator === "!=";
  if (isNoPrompt && value.kind === "string") {
    return { sql: `NOT EXISTS (SELECT 1 FROM ${tags} AND t.key = ? AND t.value = ?)`, parameters: [key, value.text] };
  }
  const { sql, parameters } = stringCondition("t.value", comparison, dialect);
  return { sql: `EXISTS (SELECT 1 FROM ${tags} AND t.key = ? AND ${sql})`, parameters: [key, ...parameters] };
}

function registeredCondition(comparison: Comparison, tags: string, dialect: Dialect): SqlCondition {
  if (isTag(comparison.entity)) return tagCondition(comparison, tags, dialect);
  assertAttribute(comparison);
  if (comparison.key !== "name") throw unknownAttribute(comparison.key, ["name"]);
  if (comparison.comparator === "NOT IN") throw unknownComparator(comparison, "=, !=, LIKE, ILIKE, IN");
  return stringCondition("m.name", comparison, dialect);
}

function versionCondition(comparison: Comparison, tags: string, dialect: Dialect): SqlCondition {
  if (isTag(comparison.entity)) return tagCondition(comparison, tags, dialect);
  assertAttribute(comparison);
  const { key, value } = comparison;
  if (value.kind === "list" && (comparison.comparator === "NOT IN" || (key !== "run_id" && key !== "name"))) {
    throw invalidParameter(
      "Only the 'run_id' and 'name' attributes support comparison with a list of quoted string values.",
    );
  }
  switch (key) {
    case "name":
      return stringCondition("v.name", comparison, dialect);
    case "run_id":
      return stringCondition("v.run_id", comparison, dialect);
    case "source_path":
      return stringCondition("v.source", comparison, dialect);
    case "version_number": {
      const isQuoted = value.kind === "string" && /^\d{1,10}$/.test(value.text);
      const number = isQuoted ? ({ kind: "number", number: Number(value.text) } as const) : value;
      return numberCondition("v.version", { ...comparison, value: number });
    }
    default:
      throw unknownAttribute(key, ["name", "run_id", "source_path", "version_number"]);
  }
}

function assertAttribute({ entity }: Comparison): void {
  if (entity !== "" && entity !== "attribute") {
    throw invalidParameter(`Invalid identifier type '${entity.slice(0, 100)}'. Valid values are 'attribute' and 'tag'`);
  }
}

const registeredKeys: ReadonlyMap<string, string> = new Map([
  ["name", "m.name"],
  ["timestamp", "m.last_updated_time"],
  ["last_updated_timestamp", "m.last_updated_time"],
]);

const versionKeys: ReadonlyMap<string, string> = new Map([
  ["name", "v.name"],
  ["version_number", "v.version"],
  ["creation_timestamp", "v.creation_time"],
  ["last_updated_timestamp", "v.last_updated_time"],
]);

interface OrderRules {
  readonly keys: ReadonlyMap<string, string>;
  /** When nothing is asked for. */
  readonly usual: readonly string[];
  readonly last: string;
}

function orderSql(clauses: readonly string[], { keys, usual, last }: OrderRules): string {
  const wanted = parseOrderBy(clauses);
  const columns = wanted.map(({ entity, key }) => {
    const column = entity === "" || entity === "attribute" ? keys.get(key) : undefined;
    if (column === undefined) throw unknownAttribute(key, [...keys.keys()]);
    return column;
  });
  assertDistinct(columns);
  const parts = columns.map((column, index) => `${column} ${wanted[index]?.ascending === false ? "DESC" : "ASC"}`);
  return [...(parts.length === 0 ? usual : parts), last].join(", ");
}

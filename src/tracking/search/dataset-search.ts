// The search for evaluation data sets as SQL.
import { type Dialect, placeholders } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { assertDistinct, parseOrderBy } from "./order-by.ts";
import { type Comparison, parseFilter } from "./parse-filter.ts";
import { allOf, numberCondition, type SqlCondition, stringCondition, unknownAttribute } from "./sql-condition.ts";

const texts = new Set(["name", "created_by", "last_updated_by"]);
const times = new Set(["created_time", "last_update_time"]);

export interface DatasetSearch {
  readonly experimentIds: readonly string[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

/** @throws WireError */
export function datasetSearchSql(search: DatasetSearch, dialect: Dialect): SqlCondition {
  const { experimentIds: ids } = search;
  const where = allOf([
    ...(ids.length === 0
      ? []
      : [
          {
            sql: `EXISTS (SELECT 1 FROM entity_associations a WHERE a.source_type = 'evaluation_dataset' AND a.source_id = d.dataset_id AND a.destination_type = 'experiment' AND a.destination_id IN (${placeholders(ids.length)}))`,
            parameters: ids,
          },
        ]),
    ...parseFilter(search.filter).map((comparison) => condition(comparison, dialect)),
  ]);
  return {
    sql: `SELECT d.* FROM evaluation_datasets d WHERE ${where.sql} ORDER BY ${order(search.orderBy)} LIMIT ? OFFSET ?`,
    parameters: [...where.parameters, search.limit, search.offset],
  };
}

function condition(comparison: Comparison, dialect: Dialect): SqlCondition {
  const { entity, key } = comparison;
  if (entity === "tag" || entity === "tags") {
    const { sql, parameters } = stringCondition("k.value", comparison, dialect);
    return {
      sql: `EXISTS (SELECT 1 FROM evaluation_dataset_tags k WHERE k.dataset_id = d.dataset_id AND k.key = ? AND ${sql})`,
      parameters: [key, ...parameters],
    };
  }
  assertAttribute(entity);
  if (texts.has(key)) return stringCondition(`d.${key}`, comparison, dialect);
  if (times.has(key)) return numberCondition(`d.${key}`, comparison);
  throw unknownAttribute(key, [...texts, ...times]);
}

function assertAttribute(entity: string): void {
  if (entity === "" || entity === "attribute" || entity === "attributes") return;
  throw invalidParameter(`Invalid identifier type '${entity.slice(0, 100)}'. Valid values are 'attribute' and 'tag'`);
}

function order(clauses: readonly string[]): string {
  const keys = parseOrderBy(clauses.length === 0 ? ["created_time DESC"] : clauses);
  assertDistinct(keys.map(({ key }) => key));
  const parts = keys.map(({ entity, key, ascending }) => {
    assertAttribute(entity);
    if (key !== "name" && !times.has(key)) throw unknownAttribute(key, ["name", ...times]);
    return `d.${key} ${ascending ? "ASC" : "DESC"}`;
  });
  return [...parts, "d.dataset_id DESC"].join(", ");
}

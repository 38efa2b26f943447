// The order of a search for runs, as SQL over `runs r`: what a run lacks comes last, and NaN before that.
import type { SqlValue } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { assertDistinct, type OrderKey } from "./order-by.ts";
import { aliases, entityOf, orderColumn } from "./run-keys.ts";

/** An order by a metric, parameter or tag. */
export interface KeyOrder {
  readonly table: "latest_metrics" | "params" | "tags";
  readonly key: string;
  readonly ascending: boolean;
  /** Of the keys after it. */
  readonly joins: string;
  readonly parameters: readonly SqlValue[];
}

export interface OrderSql {
  readonly joins: string;
  readonly parameters: readonly SqlValue[];
  readonly order: string;
  /** What the first key leaves equal. */
  readonly rest: string;
  readonly first: KeyOrder | null;
}

/** @throws WireError */
export function orderSql(keys: readonly OrderKey[]): OrderSql {
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

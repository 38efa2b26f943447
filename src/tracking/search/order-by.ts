// `metrics.rmse DESC`: one key and a direction.
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { splitName } from "./parse-filter.ts";
import { tokenize } from "./tokens.ts";

export interface OrderKey {
  readonly entity: string;
  readonly key: string;
  readonly ascending: boolean;
}

export const maxOrderKeys = 20;

/** @throws WireError */
export function parseOrderBy(clauses: readonly string[]): readonly OrderKey[] {
  if (clauses.length > maxOrderKeys) throw invalidParameter(`At most ${maxOrderKeys} keys of order_by are taken.`);
  return clauses.map(parseClause);
}

function parseClause(clause: string): OrderKey {
  const [name, direction, ...rest] = tokenize(clause);
  const word = direction?.text.toUpperCase() ?? "ASC";
  if (name?.kind !== "name" || rest.length > 0 || (word !== "ASC" && word !== "DESC")) {
    const problem = name === undefined ? "Invalid order_by clause" : "Invalid ordering key in order_by clause";
    throw invalidParameter(`${problem} '${clause.slice(0, 200)}'. It must be one key, and optionally ASC or DESC.`);
  }
  return { ...splitName(name.text), ascending: word === "ASC" };
}

/** @throws WireError */
export function assertDistinct(columns: readonly string[]): void {
  if (new Set(columns).size < columns.length) throw invalidParameter("`order_by` contains duplicate fields.");
}

// Facts of a trace that newer releases keep in columns of their own, and older ones as tags and metadata. To clients they are
// tags and metadata always.
import type { Database, SqlRow, SqlValue, Statements } from "../../io/sql/database.ts";
import { optionalText } from "./rows.ts";
import { tableColumns } from "./schema/catalog.ts";

export const traceNameTag = "mlflow.traceName";
export const sessionKey = "mlflow.trace.session";
export const tokenKey = "mlflow.trace.tokenUsage";
export const costKey = "mlflow.trace.cost";

const tokens = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "cache_creation_input_tokens_above_1hr",
] as const;
const costs = ["input_cost", "output_cost", "total_cost"] as const;

const known = new WeakMap<Database, Promise<boolean>>();

/** Whether this store has them as columns. */
export function hasTraceColumns(database: Database): Promise<boolean> {
  const found = known.get(database);
  if (found !== undefined) return found;
  const asked = tableColumns(database, "trace_info").then((columns) =>
    columns.some(({ name }) => name === "trace_name"),
  );
  known.set(database, asked);
  asked.catch(() => known.delete(database));
  return asked;
}

export interface TraceFacts {
  readonly tags: ReadonlyMap<string, string>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Moves what has a column out of tags and metadata, and into it. */
export async function putTraceColumns(statements: Statements, id: string, facts: TraceFacts): Promise<TraceFacts> {
  const tags = new Map(facts.tags);
  const metadata = new Map(facts.metadata);
  const columns = new Map<string, SqlValue>();
  const name = tags.get(traceNameTag);
  if (name !== undefined) columns.set("trace_name", name.slice(0, 4096));
  const session = metadata.get(sessionKey);
  if (session !== undefined) columns.set("session_id", session.slice(0, 250));
  for (const [key, parts, isWhole] of [
    [tokenKey, tokens, true],
    [costKey, costs, false],
  ] as const) {
    const values = numbersOf(metadata.get(key));
    for (const part of parts) {
      const value = values[part];
      if (typeof value === "number" && Number.isFinite(value) && (!isWhole || Number.isSafeInteger(value))) {
        columns.set(part, value);
      }
    }
    metadata.delete(key);
  }
  tags.delete(traceNameTag);
  metadata.delete(sessionKey);
  if (columns.size > 0) {
    const sets = [...columns.keys()].map((column) => `${column} = ?`).join(", ");
    await statements.run(`UPDATE trace_info SET ${sets} WHERE request_id = ?`, [...columns.values(), id]);
  }
  return { tags, metadata };
}

/** What the columns of a row mean as tags and metadata. */
export function factsOfColumns(row: SqlRow): TraceFacts {
  const tags = new Map<string, string>();
  const metadata = new Map<string, string>();
  const name = optionalText(row, "trace_name");
  if (name !== undefined) tags.set(traceNameTag, name);
  const session = optionalText(row, "session_id");
  if (session !== undefined) metadata.set(sessionKey, session);
  for (const [key, parts] of [
    [tokenKey, tokens],
    [costKey, costs],
  ] as const) {
    const values = parts.filter((part) => typeof row[part] === "number").map((part) => `"${part}": ${row[part]}`);
    if (values.length > 0) metadata.set(key, `{${values.join(", ")}}`);
  }
  return { tags, metadata };
}

function numbersOf(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

// What PostgreSQL says of a table, a query or rows that do not fit, without a value of any row.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../../base/errors.ts";
import { codeOf } from "../../../io/sql/postgres-errors.ts";

/** null: it is about something else. */
export function queryProblem(name: string, cause: unknown): TrimaranError | null {
  if (isTrimaranError(cause) || !(cause instanceof Error)) return null;
  const code = codeOf(cause);
  // Class 42: syntax and names; without the right to read it is told elsewhere.
  const isOfNames = (/^42/.test(code) && code !== "42501") || /^(0A|25|3F|2B|55000|428C9)/.test(code);
  if (isOfNames) return trimaranError("BATCH_QUERY", { name, problem: cause.message.replace(/\.+$/, "") }, { cause });
  if (/^2[23]/.test(code)) {
    const { column } = cause as { readonly column?: string };
    const where = typeof column === "string" ? ` in ${column}` : "";
    return trimaranError("BATCH_QUERY", { name, problem: `a value${where} does not fit (${code})` }, { cause });
  }
  return null;
}

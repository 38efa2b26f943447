// `?` as PostgreSQL has it: `$1`, `$2`. What a number is compared with decides how PostgreSQL reads it, so numbers that are not
// small integers say their type: `start_time > 1003.5` and `experiment_id = 99999999999` are questions, not errors.
import type { SqlValue } from "./database.ts";

const int4 = 2 ** 31;

/** The text to prepare for these parameters. */
export function numbered(sql: string, parameters: readonly SqlValue[]): string {
  let index = 0;
  return sql.replace(/'(?:[^']|'')*'|"[^"]*"|\?/g, (part) => {
    if (part !== "?") return part;
    const cast = castOf(parameters[index] ?? null);
    index++;
    return `$${index}${cast}`;
  });
}

function castOf(value: SqlValue): string {
  if (typeof value !== "number") return "";
  if (!Number.isSafeInteger(value)) return "::double precision";
  return value >= int4 || value < -int4 ? "::bigint" : "";
}

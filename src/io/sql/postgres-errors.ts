// What PostgreSQL's error codes mean here: https://www.postgresql.org/docs/current/errcodes-appendix.html
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";

/** The five characters, a system code such as ECONNREFUSED, or nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** How often work is run that fails so: another transaction was in its way, or it may have been. */
export function attemptsFor(error: unknown): number {
  const code = codeOf(error);
  // Serialization, deadlock.
  if (code === "40001" || code === "40P01") return 12;
  // A row that another one made or removed after we looked; or the work breaks a rule whenever it is run.
  if (code === "23505" || code === "23503") return 3;
  return isBroken(error) ? 5 : 1;
}

/** The connection is of no use any more, or never was. */
export function isBroken(error: unknown): boolean {
  const code = codeOf(error);
  if (["57P01", "57P02", "57P03"].includes(code) || code.startsWith("08")) return true;
  // A statement that was prepared before the tables changed, or that a pooler between us has forgotten.
  if (code === "26000" || (code === "0A000" && messageOf(error).includes("cached plan"))) return true;
  return (
    ["ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(code) ||
    /^(Connection terminated|Client has encountered a connection error)/.test(messageOf(error))
  );
}

/** The server answers, but has no room yet. */
export function isComingUp(error: unknown): boolean {
  return ["57P03", "53300"].includes(codeOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

const valueProblems: ReadonlyMap<string, string> = new Map([
  ["22001", "a text is longer than its column"],
  ["22003", "a number is beyond the range of its column"],
  ["22008", "a time is beyond the range of its column"],
  ["22021", "a text holds a character that its encoding does not have"],
  ["22025", "a pattern ends in a backslash"],
  ["22P02", "a text is not of the type of its column"],
  ["22P05", "a text holds a character that the database's encoding does not have"],
  ["54000", "a key is too long for its index"],
]);

export function postgresError(store: string, cause: unknown, lockTimeoutMs: number): TrimaranError {
  if (isTrimaranError(cause)) return cause;
  const code = codeOf(cause);
  const problem = valueProblems.get(code);
  if (problem !== undefined) return trimaranError("STORE_VALUE", { store, problem }, { cause });
  switch (code) {
    case "55P03":
    case "40001":
    case "40P01":
      return trimaranError("STORE_LOCKED", { store, seconds: lockTimeoutMs / 1000 }, { cause });
    case "53100":
    case "58030":
      return trimaranError("STORE_FULL", { store }, { cause });
    case "53300":
      return trimaranError("STORE_BUSY", { store, problem: "it has too many connections" }, { cause });
    case "53200":
      return trimaranError("STORE_BUSY", { store, problem: "it is out of memory" }, { cause });
    case "57014":
      return trimaranError(
        "STORE_BUSY",
        { store, problem: "a statement ran longer than the server allows" },
        { cause },
      );
    case "25006":
      return trimaranError("STORE_READ_ONLY", { store }, { cause });
    case "28P01":
      return trimaranError("STORE_REFUSED", { store, problem: "the user or the password is wrong" }, { cause });
    case "28000":
      return trimaranError("STORE_REFUSED", { store, problem: "this user may not connect so" }, { cause });
    case "42501":
      return trimaranError("STORE_REFUSED", { store, problem: "the user may not use or make the tables" }, { cause });
    case "3F000":
      return trimaranError("STORE_REFUSED", { store, problem: "no schema of its search_path is there" }, { cause });
    case "3D000":
      return trimaranError("STORE_MISSING", { store }, { cause });
    case "42P01":
      return trimaranError("STORE_TABLE", { store, what: `table ${quotedName(cause)}` }, { cause });
    case "42703":
      return trimaranError("STORE_TABLE", { store, what: `column ${quotedName(cause)}` }, { cause });
  }
  // pg's own words, without a code.
  if (/password must be a(?: non-empty)? string|^SASL/.test(messageOf(cause))) {
    return trimaranError("STORE_REFUSED", { store, problem: "it wants a password, and none was given" }, { cause });
  }
  if (code.startsWith("23")) return trimaranError("STORE_CONFLICT", { store }, { cause });
  const contact = contactProblem(cause);
  return contact === null
    ? trimaranError("STORE_FAILED", { store }, { cause })
    : trimaranError("STORE_UNREACHABLE", { store, problem: contact }, { cause });
}

/** The name that PostgreSQL's message puts in quotes: one of the statement, never a value. */
function quotedName(cause: unknown): string {
  return /"([\w.]+)"|column ([\w.]+) does/.exec(messageOf(cause))?.slice(1).find(Boolean) ?? "of that name";
}

function contactProblem(cause: unknown): string | null {
  const code = codeOf(cause);
  const message = messageOf(cause);
  if (code === "57P03") return "it is starting or stopping";
  if (message.includes("does not support SSL")) return "it does not speak TLS, which sslmode asks for";
  if (/timeout exceeded|timeout expired/.test(message)) return "no answer in time";
  if (/^(E[A-Z_]{3,}|[A-Z]+_[A-Z_]+)$/.test(code)) return code;
  return isBroken(cause) ? "the connection broke" : null;
}

// Errors as a caller of the web service sees them: RFC 9457 documents, and one-line errors inside of NDJSON.

import type { ErrorKind, Issue, TrimaranError } from "../../base/errors.ts";
import { isTrimaranError } from "../../base/errors.ts";
import { http } from "../../io/plain-http.ts";
import { statusOf } from "./problem-status.ts";

export const problemType = "application/problem+json; charset=utf-8";
/** More issues than this are counted in the message, but not listed. */
export const maxListedIssues = 1000;

/** What may be told to a caller. */
export interface PublicError {
  readonly status: number;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly fix: string;
  readonly issues: readonly Issue[];
}

/** A failure of ours says nothing but its code: its message may hold anything, a row's values too. */
export function toPublicError(error: unknown): PublicError {
  const known = isTrimaranError(error) ? error : undefined;
  const status = known === undefined ? 500 : statusOf(known);
  if (known === undefined || status === 500) return internalError(known);
  const { code, kind, message, fix } = known;
  return { status, code, kind, message, fix, issues: known.issues.slice(0, maxListedIssues).map(toIssue) };
}

/** RFC 9457 with our members; one line of JSON. */
export function problemText(error: PublicError, requestId: string): string {
  return JSON.stringify({
    type: `urn:trimaran:error:${error.code}`,
    title: http.STATUS_CODES[error.status] ?? "Error",
    status: error.status,
    detail: error.message,
    code: error.code,
    fix: error.fix,
    issues: error.issues,
    request_id: requestId,
  });
}

/** The error of one row in its place among the answers. */
export function errorLine({ code, kind, message, fix, issues }: PublicError): string {
  return JSON.stringify({ error: { code, kind, message, fix, issues } });
}

function internalError(error: TrimaranError | undefined): PublicError {
  return {
    status: 500,
    code: error?.code ?? "INTERNAL",
    kind: "internal",
    message: "The service failed to answer this request.",
    fix: "Ask whoever runs the service: its log names the cause under this request ID.",
    issues: [],
  };
}

/** Issues of rows carry their row's number, which the path already says. */
function toIssue({ path, code, message }: Issue): Issue {
  return { path, code, message };
}

// The dialects of the web door: each has routes of its own and says errors in its own shape.
import { type PublicError, problemText, problemType } from "./problem.ts";

export interface ErrorReply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface Dialect {
  readonly name: "trimaran" | "mlflow" | "oip" | "kserve";
  errorReply(error: PublicError, requestId: string): ErrorReply;
}

/** Our own routes, and whatever is no route at all: RFC 9457. */
export const ownDialect: Dialect = {
  name: "trimaran",
  errorReply: (error, requestId) => ({ status: error.status, type: problemType, text: problemText(error, requestId) }),
};

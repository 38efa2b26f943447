// An error on its way between threads: structured clone alone would lose the class, the code and the issues.
import type { ErrorCode } from "../base/error-table.ts";
import { type Issue, isTrimaranError, TrimaranError } from "../base/errors.ts";

export type CarriedError =
  | {
      readonly kind: "typed";
      readonly code: ErrorCode;
      readonly message: string;
      readonly fix: string;
      readonly issues: readonly Issue[];
      readonly cause: CarriedError | null;
    }
  | { readonly kind: "plain"; readonly name: string; readonly message: string; readonly stack: string | undefined };

export function carryError(error: unknown): CarriedError {
  if (isTrimaranError(error)) {
    const { code, message, fix, issues, cause } = error;
    return { kind: "typed", code, message, fix, issues, cause: cause === undefined ? null : carryError(cause) };
  }
  if (error instanceof Error) {
    return { kind: "plain", name: error.name, message: error.message, stack: error.stack };
  }
  return { kind: "plain", name: "Error", message: String(error), stack: undefined };
}

export function toError(carried: CarriedError): Error {
  if (carried.kind === "typed") {
    const { code, message, fix, issues, cause } = carried;
    return new TrimaranError(code, { message, fix }, { issues, cause: cause === null ? undefined : toError(cause) });
  }
  const error = new Error(carried.message);
  error.name = carried.name;
  if (carried.stack !== undefined) error.stack = carried.stack;
  return error;
}

// Exit codes. 0 done · 1 failed, a retry will not help · 2 wrong usage · 75 failed for now · 130 interrupted.
import type { ErrorKind, TrimaranError } from "../base/errors.ts";

export const exitDone = 0;
export const exitFailed = 1;
export const exitUsage = 2;
export const exitTemporary = 75;
export const exitInterrupted = 130;

const byKind: { readonly [Kind in ErrorKind]: number } = {
  invalid: exitFailed,
  untrusted: exitFailed,
  unsupported: exitFailed,
  missing: exitFailed,
  conflict: exitFailed,
  denied: exitFailed,
  busy: exitTemporary,
  timeout: exitTemporary,
  unavailable: exitTemporary,
  internal: exitFailed,
};

export function exitCodeOf(error: TrimaranError): number {
  return error.code.startsWith("USAGE_") ? exitUsage : byKind[error.kind];
}

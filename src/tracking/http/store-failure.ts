// What a client is told when the store fails: without the file's or the server's place.
import type { TrimaranError } from "../../base/errors.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";

export function storeFailure(error: TrimaranError): WireError {
  switch (error.code) {
    case "STORE_READ_ONLY":
      return new WireError("PERMISSION_DENIED", "The store is open for reading only.", error);
    case "STORE_VALUE":
      return new WireError("INVALID_PARAMETER_VALUE", `The database ${withoutPlace(error.message)}`, error);
    case "STORE_TABLE":
      return new WireError("NOT_IMPLEMENTED", `The store ${withoutPlace(error.message)} ${upgrade}`, error);
  }
  switch (error.kind) {
    case "busy":
    case "unavailable":
    case "timeout":
      return new WireError(
        "TEMPORARILY_UNAVAILABLE",
        `The store is not available now (${error.code}); try again.`,
        error,
      );
    case "conflict":
      return new WireError("RESOURCE_CONFLICT", "It would break a rule of the store; read it again.", error);
    default:
      return new WireError("INTERNAL_ERROR", `The store failed (${error.code}); the server's log says more.`, error);
  }
}

const upgrade = "Its operator can upgrade it with `mlflow db upgrade`.";

/** `FILE does not take a value: …` from the verb on. */
function withoutPlace(message: string): string {
  return /(?:does not take|has no) .*$/s.exec(message)?.[0] ?? "refuses it.";
}

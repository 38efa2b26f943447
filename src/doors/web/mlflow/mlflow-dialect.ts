// Errors as MLflow's scoring server says them (3.17): `error_code`, `message`, `sqlstate`, `error_class`; a 415 is plain text.
// `issues` is ours: every problem with its path, which MLflow's clients skip. There is no stack trace and none of the caller's data.
import type { Dialect } from "../dialect.ts";
import type { PublicError } from "../problem.ts";

export const mlflowDialect: Dialect = {
  name: "mlflow",
  errorReply(error) {
    const status = error.status === 422 ? 400 : error.status;
    if (error.code === "SCORING_MEDIA_TYPE" || error.code === "SCORING_TYPE_PARAMETERS") {
      return { status, type: "text/plain; charset=utf-8", text: error.message };
    }
    const enforced = isEnforcement(error);
    const body = {
      error_code: codeOf(error, status),
      message: error.message,
      ...(status === 400 ? { sqlstate: enforced ? "KAM01" : "KAM00" } : {}),
      ...(status === 400 ? { error_class: enforced ? "SCHEMA_ENFORCEMENT_FAILED" : "INVALID_PARAMETER_VALUE" } : {}),
      ...(error.issues.length > 0 ? { issues: error.issues } : {}),
    };
    return { status, type: "application/json", text: JSON.stringify(body) };
  },
};

/** A definition's own fields are its schema. */
function isEnforcement({ code }: PublicError): boolean {
  return code === "SCORING_SCHEMA" || code === "REQUEST_INVALID";
}

const codeOfStatus: ReadonlyMap<number, string> = new Map([
  [400, "BAD_REQUEST"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "RESOURCE_DOES_NOT_EXIST"],
  [409, "RESOURCE_CONFLICT"],
  [413, "BAD_REQUEST"],
  [415, "BAD_REQUEST"],
  [429, "REQUEST_LIMIT_EXCEEDED"],
  [499, "CANCELLED"],
  [501, "NOT_IMPLEMENTED"],
  [503, "TEMPORARILY_UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

function codeOf(error: PublicError, status: number): string {
  if (isEnforcement(error) || error.code === "SCORING_PARAMS") return "INVALID_PARAMETER_VALUE";
  if (error.code === "MODEL_METHOD" || error.code === "REQUEST_QUERY") return "INVALID_PARAMETER_VALUE";
  return codeOfStatus.get(status) ?? (status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR");
}

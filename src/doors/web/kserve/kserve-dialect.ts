// Errors as KServe's v1 and TensorFlow Serving say them: `{"error": text}`. `code`, `fix` and `issues` beside it are ours.
import type { Dialect } from "../dialect.ts";

export const kserveDialect: Dialect = {
  name: "kserve",
  errorReply({ status, code, message, fix, issues }) {
    const body = { error: message, code, fix, ...(issues.length > 0 ? { issues } : {}) };
    return {
      status: status === 422 ? 400 : status,
      type: "application/json",
      text: JSON.stringify(body),
    };
  },
};

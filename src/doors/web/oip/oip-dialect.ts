// Errors as the Open Inference Protocol says them: `{"error": text}` and nothing else, so every problem stands in the text.
import type { Dialect } from "../dialect.ts";
import type { PublicError } from "../problem.ts";

/** More than these are counted. */
const shownIssues = 50;

export const oipDialect: Dialect = {
  name: "oip",
  errorReply: (error) => ({
    status: oipStatus(error),
    type: "application/json",
    text: JSON.stringify({ error: oipErrorText(error) }),
  }),
};

/** Whatever the caller can mend is 400 here. */
export function oipStatus({ status }: Pick<PublicError, "status">): number {
  return status === 422 ? 400 : status;
}

/** The message with all problems, each under the tensor that it is in, and what to do. */
export function oipErrorText({ message, fix, issues, code }: PublicError, limit: number = shownIssues): string {
  // This message already holds the first issue.
  const listed = code === "REQUEST_INVALID" ? [] : [message];
  const shown = issues
    .slice(0, limit)
    .map(({ path, message: problem }) => (path === "" ? problem : `${path}: ${problem}`));
  if (issues.length > limit) shown.push(`and ${issues.length - limit} more`);
  if (code === "REQUEST_INVALID") return `${issues.length} problem(s) in the inputs: ${shown.join("; ")}`;
  return [...listed, ...shown, fix].filter((part) => part !== "").join(" ");
}

// An error on stderr: for people `error:` and `fix:`, with --json one line. A stack only at log level debug.
import { inspect } from "node:util";
import { isTrimaranError, type TrimaranError, trimaranError } from "../base/errors.ts";
import { errorAsJson, issueText } from "../tables/row-encoder.ts";
import { type Messages, onOneLine } from "./messages.ts";

/** More are counted, not shown; `--json` has them all. */
const maxShownIssues = 20;

export interface ReportOptions {
  readonly json: boolean;
  /** The issues were shown already. @default false */
  readonly withoutIssues?: boolean;
}

export function reportError(error: TrimaranError, messages: Messages, options: ReportOptions): void {
  const { json, withoutIssues = false } = options;
  const issues = withoutIssues ? [] : error.issues;
  messages.status("");
  if (json) messages.say(JSON.stringify(errorAsJson(error)));
  else {
    messages.say(`${messages.style("red", "error:")} ${onOneLine(error.message)}`);
    for (const issue of issues.slice(0, maxShownIssues)) messages.say(`  - ${onOneLine(issueText(issue))}`);
    const left = issues.length - maxShownIssues;
    if (left > 0) messages.say(`  … and ${left} more; \`--json\` gives them all`);
    messages.say(`${messages.style("bold", "fix:")} ${onOneLine(error.fix)}`);
  }
  messages.debug(inspect(error));
}

/** Whatever was thrown as an error of the table. */
export function asTrimaranError(thrown: unknown): TrimaranError {
  if (isTrimaranError(thrown)) return thrown;
  const problem =
    thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : "something that is no error was thrown";
  return trimaranError("INTERNAL", { problem }, { cause: thrown });
}

// `trimaran inspect`: says what a model file is without running it, also of a file that is refused.
import { extname } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { withMembers } from "../../loaders/split-members.ts";
import type { CommandCall } from "../command.ts";
import { exitCodeOf, exitDone } from "../exit-code.ts";
import { limitsOf } from "../limit-flag.ts";
import { inspectModel } from "../model-report.ts";
import { modelReportText } from "../model-report-text.ts";
import { reportError } from "../report-error.ts";
import { isOn, listOf, numberOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute({ args, settings, host, messages }: CommandCall): Promise<number> {
  const path = args[0] ?? "";
  if (definitionExtensions.includes(extname(path).toLowerCase())) {
    const problem = "inspect looks at models; it never opens a definition, because that may be code.";
    throw trimaranError("USAGE_INVALID", { problem, command: "inspect" });
  }
  const json = isOn(settings, "json");
  const { report, problem } = await inspectModel(withMembers(path, listOf(settings, "member")), {
    maxBytes: numberOf(settings, "max-model-bytes"),
    limits: limitsOf(settings, "inspect"),
  });
  const hasReport = report.format !== null || report.bytes !== null;
  if (json) await writeOutput(host.stdout, `${JSON.stringify(report)}\n`);
  else if (hasReport) await writeOutput(host.stdout, modelReportText(report));
  if (problem === null) return exitDone;
  reportError(problem, messages, { json, withoutIssues: hasReport && report.findings.length > 0 });
  return exitCodeOf(problem);
}

const definitionExtensions: readonly string[] = [".ts", ".js", ".mjs", ".yaml", ".yml"];

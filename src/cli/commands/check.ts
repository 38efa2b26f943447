// `trimaran check`: a definition against its model, and against rows that Python answered.
import { type Issue, trimaranError } from "../../base/errors.ts";
import { openDefinition } from "../../deployment/open-definition.ts";
import { openDeploymentService } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { issueText } from "../../tables/row-encoder.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { onOneLine } from "../messages.ts";
import { serviceOptions } from "../open-target.ts";
import { checkParity, type ParityReport } from "../parity.ts";
import { openInput } from "../row-files.ts";
import { isOn, textOf } from "../settings.ts";
import { type ShownSetting, shownSettings } from "../shown-settings.ts";
import { writeOutput } from "../write-output.ts";

interface CheckResult {
  readonly definition: string;
  readonly model: string;
  readonly version: string | null;
  readonly examples: number;
  readonly parityRows: number | null;
  readonly issues: readonly Issue[];
  readonly notes: readonly Issue[];
  readonly config: readonly ShownSetting[] | null;
}

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host } = call;
  const path = args[0] ?? "";
  const opened = await openDefinition(path);
  const options = serviceOptions(call, "check");
  const service = await openDeploymentService(opened, { ...options, verify: false });
  try {
    const report = await service.check();
    const parity = report.issues.length > 0 ? null : await parityOf(call, service);
    const issues = [...report.issues, ...(parity?.issues ?? [])];
    const result: CheckResult = {
      definition: service.name,
      model: service.model.uri,
      version: service.model.version,
      examples: opened.definition.examples.length,
      parityRows: parity?.rows ?? null,
      issues,
      notes: report.notes,
      config: isOn(settings, "show-config") ? shownSettings(call, opened) : null,
    };
    await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(result)}\n` : checkText(result));
    if (issues.length > 0) throw trimaranError("CHECK_FAILED", { name: path, count: issues.length }, { issues });
    return exitDone;
  } finally {
    await service.close();
  }
}

async function parityOf(call: CommandCall, service: PredictionService): Promise<ParityReport | null> {
  const file = textOf(call.settings, "parity");
  return file === null ? null : checkParity(service, await openInput(file, call.host));
}

function checkText({ definition, model, examples, parityRows, issues, notes, config }: CheckResult): string {
  const lines = [
    ...(config ?? []).map(({ name, value, source }) => `${name} = ${onOneLine(value)}  (${source})`),
    ...notes.map((note) => `note: ${onOneLine(issueText(note))}`),
  ];
  if (issues.length === 0) {
    const rows = parityRows === null ? "" : `, ${parityRows} recorded rows answered alike`;
    lines.push(`${definition} fits ${onOneLine(model)}: ${examples} example${examples === 1 ? "" : "s"}${rows}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

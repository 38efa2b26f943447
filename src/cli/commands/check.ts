// `trimaran check`: a definition against its model, or a model alone against the example that was logged with it; and either
// against rows that Python answered.
import { type Issue, trimaranError } from "../../base/errors.ts";
import { findDefinition, openDefinition } from "../../deployment/open-definition.ts";
import { isUri } from "../../deployment/resolve-model-uri.ts";
import type { OpenedDefinition } from "../../deployment/resolved-deployment.ts";
import { splitMembers } from "../../loaders/split-members.ts";
import { checkInputExample } from "../../serving/check-input-example.ts";
import { openDeploymentService, openService } from "../../serving/open-service.ts";
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
  /** Null: a model alone. */
  readonly definition: string | null;
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
  const opened = await definitionAt(path);
  if (opened === null && isOn(settings, "show-config")) {
    throw trimaranError("USAGE_CONFLICT", { first: "--show-config", second: "a model alone", command: "check" });
  }
  const options = { ...serviceOptions(call, "check"), verify: false };
  const service = await (opened === null ? openService(path, options) : openDeploymentService(opened, options));
  try {
    const report = await service.check();
    const found = [...report.issues, ...(await checkInputExample(service)), ...(await streamIssues(service))];
    const parity = found.length > 0 ? null : await parityOf(call, service);
    const issues = [...found, ...(parity?.issues ?? [])];
    const result: CheckResult = {
      definition: opened === null ? null : service.name,
      model: service.model.uri,
      version: service.model.version,
      examples: opened?.definition.examples.length ?? service.inputExample?.length ?? 0,
      parityRows: parity?.rows ?? null,
      issues,
      notes: report.notes,
      config: opened !== null && isOn(settings, "show-config") ? shownSettings(call, opened) : null,
    };
    await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(result)}\n` : checkText(result));
    if (issues.length > 0) throw trimaranError("CHECK_FAILED", { name: path, count: issues.length }, { issues });
    return exitDone;
  } finally {
    await service.close();
  }
}

async function streamIssues(service: PredictionService): Promise<readonly Issue[]> {
  if (service.deployment?.stream == null) return [];
  const { checkMessageShape } = await import("../../doors/stream/messages/check-message-shape.ts");
  return checkMessageShape(service);
}

/** Null: the path means a model. */
async function definitionAt(path: string): Promise<OpenedDefinition | null> {
  const isModel = (isUri(path) && !/^file:/i.test(path)) || splitMembers(path).members.length > 0;
  const file = isModel ? null : await findDefinition(path);
  return file === null ? null : openDefinition(file);
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
    const count = `${examples} example${examples === 1 ? "" : "s"}`;
    const fits = definition === null ? `${onOneLine(model)} answers` : `${definition} fits ${onOneLine(model)}:`;
    lines.push(`${fits} ${count}${rows}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

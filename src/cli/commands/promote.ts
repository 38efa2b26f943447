// `trimaran promote NAME VERSION`: moves an alias of a registered model, if the version fits the deployment.
import { trimaranError } from "../../base/errors.ts";
import { findDefinition } from "../../deployment/open-definition.ts";
import { checkFit } from "../../lifecycle/check-fit.ts";
import { type Promotion, promote } from "../../lifecycle/promote.ts";
import { openTrackingClient } from "../../loaders/mlflow/tracking.ts";
import { issueText } from "../../tables/row-encoder.ts";
import { aliasOf, modelNameOf, reasonOf } from "../alias-flags.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { onOneLine } from "../messages.ts";
import { serviceOptions, trackingOptions } from "../open-target.ts";
import { isOn, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  const [given = "", version = ""] = args;
  const name = modelNameOf(given, "promote");
  if (!/^[1-9]\d{0,9}$/.test(version)) {
    throw trimaranError("USAGE_INVALID", { problem: "VERSION must be a number, such as 3.", command: "promote" });
  }
  const alias = aliasOf(settings, "promote");
  const deployment = textOf(settings, "deployment");
  const file = deployment === null ? null : await findDefinition(deployment);
  if (deployment !== null && file === null) {
    throw trimaranError("USAGE_INVALID", { problem: "--deployment names no definition.", command: "promote" });
  }
  const tracking = { ...trackingOptions(call), requireTracking: true };
  const { maxModelBytes, limits } = serviceOptions({ args: [], settings, host }, "promote");
  const model = `models:/${encodeURIComponent(name)}/${version}`;
  const opened = await openTrackingClient(tracking);
  try {
    const promotion = await promote(opened.client, {
      name,
      alias,
      version,
      ...reasonOf(settings, host),
      force: isOn(settings, "force"),
      ...(file === null ? {} : { check: () => checkFit(file, { model, maxModelBytes, limits, tracking }) }),
    });
    for (const issue of promotion.issues) messages.warn(onOneLine(issueText(issue)));
    const text = isOn(settings, "json") ? JSON.stringify(promotion) : onOneLine(promotionText(promotion));
    await writeOutput(host.stdout, `${text}\n`);
    return exitDone;
  } finally {
    await opened.close();
  }
}

function promotionText({ name, alias, version, from, moved }: Promotion): string {
  if (!moved) return `${name}@${alias} is version ${version} already`;
  return `${name}@${alias} is version ${version} now, ${from === null ? "a new alias" : `before it was ${from}`}`;
}

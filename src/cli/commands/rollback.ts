// `trimaran rollback NAME`: moves an alias back to where it was before the last promotion.
import { rollback } from "../../lifecycle/rollback.ts";
import { openTrackingClient } from "../../loaders/mlflow/tracking.ts";
import { aliasOf, modelNameOf, reasonOf } from "../alias-flags.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { onOneLine } from "../messages.ts";
import { trackingOptions } from "../open-target.ts";
import { isOn } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host } = call;
  const name = modelNameOf(args[0] ?? "", "rollback");
  const alias = aliasOf(settings, "rollback");
  const opened = await openTrackingClient(trackingOptions(call));
  try {
    const done = await rollback(opened.client, { name, alias, ...reasonOf(settings, host) });
    const text = `${name}@${alias} is version ${done.version} again, before it was ${done.from}`;
    await writeOutput(host.stdout, `${isOn(settings, "json") ? JSON.stringify(done) : onOneLine(text)}\n`);
    return exitDone;
  } finally {
    await opened.close();
  }
}

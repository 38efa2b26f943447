// TARGET and --model of a command line → a service.
import { trimaranError } from "../base/errors.ts";
import type { OpenServiceOptions } from "../serving/open-service.ts";
import type { CommandCall } from "./command.ts";
import { listOf, numberOf, type Settings } from "./settings.ts";

/** @throws USAGE_CONFLICT for several models: records of models are not served yet */
export function serviceOptions(
  { settings, host }: Pick<CommandCall, "settings" | "host">,
  command: string,
): OpenServiceOptions {
  return {
    model: onlyModel(settings, command),
    env: host.env,
    maxModelBytes: numberOf(settings, "max-model-bytes"),
  };
}

function onlyModel(settings: Settings, command: string): string | undefined {
  const [first, second] = listOf(settings, "model");
  if (second !== undefined) {
    throw trimaranError("USAGE_CONFLICT", { first: `--model ${first}`, second: `--model ${second}`, command });
  }
  return first;
}

// TARGET and --model of a command line → a service.
import { trimaranError } from "../base/errors.ts";
import type { OpenServiceOptions } from "../serving/open-service.ts";
import type { CommandCall } from "./command.ts";
import { listOf, numberOf, type Settings } from "./settings.ts";

/** @throws USAGE_CONFLICT for several models: records of models are not served yet */
export function serviceOptions(
  { args, settings, host }: Pick<CommandCall, "args" | "settings" | "host">,
  command: string,
): OpenServiceOptions {
  return {
    model: onlyModel(settings, command),
    members: onlyMembers(args, settings, command),
    env: host.env,
    maxModelBytes: numberOf(settings, "max-model-bytes"),
    threads: numberOf(settings, "threads"),
  };
}

/** Of several targets each has members of its own: `FILE#dv,model`. */
function onlyMembers(args: readonly string[], settings: Settings, command: string): readonly string[] {
  const members = listOf(settings, "member");
  if (members.length > 0 && args.length > 1) {
    throw trimaranError("USAGE_CONFLICT", { first: "--member", second: "several targets", command });
  }
  return members;
}

function onlyModel(settings: Settings, command: string): string | undefined {
  const [first, second] = listOf(settings, "model");
  if (second !== undefined) {
    throw trimaranError("USAGE_CONFLICT", { first: `--model ${first}`, second: `--model ${second}`, command });
  }
  return first;
}

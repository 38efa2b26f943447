// TARGET and --model of a command line → a service.
import { trimaranError } from "../base/errors.ts";
import type { TrackingOptions } from "../loaders/mlflow/tracking.ts";
import type { OpenServiceOptions } from "../serving/open-service.ts";
import type { CommandCall } from "./command.ts";
import { limitsOf } from "./limit-flag.ts";
import { isOn, listOf, numberOf, type Settings, textOf } from "./settings.ts";

/** @throws USAGE_CONFLICT for several models without names */
export function serviceOptions(
  { args, settings, host }: Pick<CommandCall, "args" | "settings" | "host">,
  command: string,
): OpenServiceOptions {
  return {
    model: modelOverride(settings, command),
    members: onlyMembers(args, settings, command),
    env: host.env,
    maxModelBytes: numberOf(settings, "max-model-bytes"),
    limits: limitsOf(settings, command),
    threads: numberOf(settings, "threads"),
    tracking: trackingOptions({ settings, host }),
  };
}

/** For models that a tracking server names. */
export function trackingOptions({ settings, host }: Pick<CommandCall, "settings" | "host">): TrackingOptions {
  const home = textOf(settings, "home") ?? undefined;
  return { env: host.env, home, requireTracking: isOn(settings, "require-tracking") || undefined };
}

/** Of several targets each has members of its own: `FILE#dv,model`. */
function onlyMembers(args: readonly string[], settings: Settings, command: string): readonly string[] {
  const members = listOf(settings, "member");
  if (members.length > 0 && args.length > 1) {
    throw trimaranError("USAGE_CONFLICT", { first: "--member", second: "several targets", command });
  }
  return members;
}

/** `URI`, or for a definition with several models `name=URI`, once a name. */
function modelOverride(settings: Settings, command: string): string | Readonly<Record<string, string>> | undefined {
  const given = listOf(settings, "model");
  const [first, second] = given;
  if (first === undefined) return undefined;
  const named = given.map((text) => /^([A-Za-z][A-Za-z0-9._-]{0,63})=(.+)$/s.exec(text));
  if (second === undefined && named[0] === null) return first;
  const uris: Record<string, string> = {};
  for (const [index, match] of named.entries()) {
    const name = match?.[1];
    if (match === null || name === undefined || Object.hasOwn(uris, name)) {
      const other = given[index === 0 ? 1 : 0] ?? "";
      throw trimaranError("USAGE_CONFLICT", { first: `--model ${given[index]}`, second: `--model ${other}`, command });
    }
    uris[name] = match![2]!;
  }
  return uris;
}

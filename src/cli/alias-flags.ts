// Flags and values that the commands which move an alias share.
import { userInfo } from "node:os";
import { trimaranError } from "../base/errors.ts";
import type { Reason } from "../lifecycle/promotion-record.ts";
import type { Flag } from "./flag.ts";
import type { CliHost } from "./host.ts";
import { type Settings, textOf } from "./settings.ts";

export const aliasFlag: Flag = {
  name: "alias",
  value: "NAME",
  type: "text",
  fallback: "champion",
  says: "the alias that is moved",
};

export const whyFlag: Flag = { name: "why", value: "TEXT", type: "text", says: "the reason, for the record" };

/** @throws USAGE_INVALID */
export function aliasOf(settings: Settings, command: string): string {
  const alias = textOf(settings, "alias") ?? "champion";
  // MLflow's own rule, shorter by what stands around it in the keys of the record.
  if (/^[\w-]{1,200}$/.test(alias) && !/^(latest|v\d+)$/i.test(alias)) return alias;
  const problem = "--alias must be letters, digits, _ and -, at most 200, and neither `latest` nor like `v1`.";
  throw trimaranError("USAGE_INVALID", { problem, command });
}

/** @throws USAGE_INVALID */
export function modelNameOf(name: string, command: string): string {
  if (/^(models|runs):/i.test(name)) {
    throw trimaranError("USAGE_INVALID", { problem: "NAME is the registered model's name, not a URI.", command });
  }
  return name;
}

export function reasonOf(settings: Settings, host: CliHost): Reason {
  return { by: userName(host), at: new Date().toISOString(), why: textOf(settings, "why") ?? "" };
}

/** As MLflow's own client finds it. */
function userName({ env }: CliHost): string {
  const named = env["LOGNAME"] || env["USER"] || env["USERNAME"];
  if (named) return named;
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number without a name.
    return "unknown";
  }
}

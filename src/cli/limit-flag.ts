// `--limit NAME=N`: what reading a model may cost, by the name that the error says.
import { trimaranError } from "../base/errors.ts";
import { assertLimits, type ReadLimits } from "../formats/read/read-limits.ts";
import type { Flag } from "./flag.ts";
import { listOf, type Settings } from "./settings.ts";

export const limitFlag: Flag = {
  name: "limit",
  value: "NAME=N",
  type: "names",
  says: "raise or lower what reading the model may cost, by the name that the error says: maxOpcodes=50000000; repeatable",
};

/** @throws USAGE_INVALID */
export function limitsOf(settings: Settings, command: string): ReadLimits | undefined {
  const given = listOf(settings, limitFlag.name);
  if (given.length === 0) return undefined;
  const limits = Object.fromEntries(
    given.map((text) => {
      const [, name, digits] = /^([A-Za-z]+)=(\d+)$/.exec(text) ?? [];
      if (name !== undefined && digits !== undefined) return [name, Number(digits)];
      throw trimaranError("USAGE_INVALID", { problem: "--limit must be such as maxOpcodes=50000000.", command });
    }),
  );
  assertLimits(limits, command);
  return limits;
}

// Flags as data, and how the text of a flag or an environment variable becomes its value.
import { trimaranError } from "../base/errors.ts";

/**
 * - `text`: as it stands; `texts`: repeatable; `names`: repeatable and comma-separated
 * - `switch`: on or off; `choice`: one of `choices`
 * - `count`: a whole number from 1; `port`: 0 to 65535
 * - `bytes`: `16MiB`, `64KiB` or a number; `duration`: `30s`, `500ms`, `2m`, kept in milliseconds
 */
export type FlagType = "text" | "texts" | "names" | "switch" | "choice" | "count" | "port" | "bytes" | "duration";

export type FlagValue = string | number | boolean | readonly string[];

export interface Flag {
  /** Without dashes: `body-limit`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in help: `FILE`. */
  readonly value?: string;
  readonly type: FlagType;
  readonly says: string;
  readonly choices?: readonly string[];
  readonly fallback?: FlagValue;
  /** A variable that others set for every service, such as PORT; ours of the flag's own name wins. */
  readonly environment?: string;
  /** Where a definition may set it: `web.bodyLimit`. */
  readonly section?: string;
}

/** `TRIMARAN_BODY_LIMIT` for `body-limit`. */
export function environmentName(flag: Flag): string {
  return `TRIMARAN_${flag.name.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * `from` names the flag or the variable, for the error.
 * @throws USAGE_INVALID
 */
export function parseFlag(
  flag: Flag,
  text: string,
  at: { readonly from: string; readonly command: string },
): FlagValue {
  const refuse = (expected: string): Error =>
    trimaranError("USAGE_INVALID", { problem: `${at.from} must be ${expected}.`, command: at.command });
  switch (flag.type) {
    case "text":
      if (text === "") throw refuse("a text that is not empty");
      return text;
    case "texts":
      return text.split("\n").filter((item) => item !== "");
    case "names":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    case "switch": {
      const isOn = switches.get(text.toLowerCase());
      if (isOn === undefined) throw refuse("1 or 0 (true or false, yes or no)");
      return isOn;
    }
    case "choice":
      if (!flag.choices?.includes(text)) throw refuse(`one of ${flag.choices?.join(", ")}`);
      return text;
    case "count":
      return wholeNumber(text, { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? fail(refuse("a whole number, 1 or more"));
    case "port":
      return wholeNumber(text, { min: 0, max: 65_535 }) ?? fail(refuse("a port, 0 to 65535"));
    case "bytes":
      return scaled(text, byteUnits) ?? fail(refuse("a size such as 16MiB, 64KiB or 1048576"));
    case "duration":
      return scaled(text, timeUnits) ?? fail(refuse("a time with its unit, such as 30s, 500ms or 2m"));
  }
}

/** A value as it would be typed. */
export function showFlagValue(flag: Flag, value: FlagValue): string {
  if (typeof value === "object") return value.join(", ");
  if (typeof value !== "number") return String(value);
  if (flag.type === "duration") return value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
  if (flag.type !== "bytes") return String(value);
  for (const [unit, size] of [...byteUnits].reverse())
    if (unit.endsWith("ib") && value % size === 0) return `${value / size}${unit.slice(0, 1).toUpperCase()}iB`;
  return String(value);
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "yes", "on"].map((text) => [text, true] as const),
  ...["", "0", "false", "no", "off"].map((text) => [text, false] as const),
]);

const byteUnits: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
]);

const timeUnits: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

function scaled(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = units.get(unit?.toLowerCase() ?? "");
  if (digits === undefined || factor === undefined) return undefined;
  const value = Number(digits) * factor;
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function wholeNumber(text: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function fail(error: Error): never {
  throw error;
}

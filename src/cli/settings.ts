// What a command works with: each flag's value and where it comes from. Flag > environment > section of the definition > default.
import { environmentName, type Flag, type FlagValue, parseFlag } from "./flag.ts";

export interface Setting {
  readonly flag: Flag;
  /** undefined: nobody said anything and there is no default. */
  readonly value: FlagValue | undefined;
  /** `--port`, `TRIMARAN_PORT`, `web.port` or `default`. */
  readonly source: string;
}

/** By flag name. */
export type Settings = ReadonlyMap<string, Setting>;

export interface SettingSources {
  readonly command: string;
  readonly flags: readonly Flag[];
  /** By flag name: `true` for a switch, the texts in order for everything else. */
  readonly given: ReadonlyMap<string, true | readonly string[]>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @throws USAGE_INVALID for a value that does not fit its flag */
export function resolveSettings({ command, flags, given, env }: SettingSources): Settings {
  return new Map(
    flags.map((flag): [string, Setting] => {
      const typed = given.get(flag.name);
      if (typed !== undefined) {
        const from = `--${flag.name}`;
        const value = typed === true ? true : joined(typed.map((text) => parseFlag(flag, text, { from, command })));
        return [flag.name, { flag, value, source: from }];
      }
      for (const from of [environmentName(flag), ...(flag.environment === undefined ? [] : [flag.environment])]) {
        const text = env[from];
        if (text === undefined || text === "") continue;
        return [flag.name, { flag, value: parseFlag(flag, text, { from, command }), source: from }];
      }
      return [flag.name, { flag, value: flag.fallback, source: "default" }];
    }),
  );
}

/** Fills in what a door's section of a definition says, where neither flag nor environment spoke. */
export function withSection(settings: Settings, name: string, section: Readonly<Record<string, unknown>>): Settings {
  return new Map(
    [...settings].map(([key, setting]): [string, Setting] => {
      const { section: path } = setting.flag;
      const value = path?.startsWith(`${name}.`) ? section[path.slice(name.length + 1)] : undefined;
      if (setting.source !== "default" || value === undefined) return [key, setting];
      return [key, { ...setting, value: value as FlagValue, source: path ?? "" }];
    }),
  );
}

export function textOf(settings: Settings, name: string): string | null {
  const value = settings.get(name)?.value;
  return typeof value === "string" ? value : null;
}

export function numberOf(settings: Settings, name: string): number | undefined {
  const value = settings.get(name)?.value;
  return typeof value === "number" ? value : undefined;
}

export function isOn(settings: Settings, name: string): boolean {
  return settings.get(name)?.value === true;
}

export function listOf(settings: Settings, name: string): readonly string[] {
  const value = settings.get(name)?.value;
  return typeof value === "object" ? value : [];
}

/** A flag that repeats gathers its values; of any other the last one counts. */
function joined(values: readonly FlagValue[]): FlagValue | undefined {
  return values.every((value) => typeof value === "object") ? values.flat() : values.at(-1);
}

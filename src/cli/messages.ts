// What a command says to people beside its results: on stderr, by level.
import { stripVTControlCharacters, styleText } from "node:util";
import { type CliHost, isTerminal, wantsColor } from "./host.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Messages {
  readonly level: LogLevel;
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  /** Anything else for stderr, whatever the level. */
  say(text: string): void;
  /** Bold or coloured, where the reader wants it. */
  style(format: "bold" | "red" | "yellow" | "dim", text: string): string;
  /** A line that is overwritten by the next one; only on terminals. */
  status(text: string): void;
}

export function openMessages({ stderr, env }: Pick<CliHost, "stderr" | "env">, level: LogLevel): Messages {
  const colored = wantsColor(stderr, env);
  const shown = (of: LogLevel): boolean => logLevels.indexOf(of) >= logLevels.indexOf(level);
  let hasStatus = false;
  const say = (text: string): void => {
    if (stderr.destroyed) return;
    stderr.write(`${hasStatus ? "\r\u001b[K" : ""}${text}\n`);
    hasStatus = false;
  };
  const style: Messages["style"] = (format, text) =>
    colored ? styleText(format, text, { validateStream: false }) : text;
  return {
    level,
    debug: (text) => (shown("debug") ? say(style("dim", text)) : undefined),
    info: (text) => (shown("info") ? say(text) : undefined),
    warn: (text) => (shown("warn") ? say(`${style("yellow", "warning:")} ${text}`) : undefined),
    say,
    style,
    status: (text) => {
      if (!isTerminal(stderr) || !shown("info") || stderr.destroyed || (text === "" && !hasStatus)) return;
      stderr.write(`\r\u001b[K${text}`);
      hasStatus = text !== "";
    },
  };
}

/** Text of a file or a user on one line of a terminal: nothing in it moves the cursor or changes colours. */
export function onOneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

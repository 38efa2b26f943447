// What a log takes: a level, a sentence, and fields. Fields hold names and numbers of ours, never what a caller sent.

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFormat = "text" | "json";

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  /** May be set at any time. */
  level: LogLevel;
  write(level: LogLevel, message: string, fields?: LogFields): void;
  /** Lines that were not written because nobody read fast enough. */
  readonly dropped: number;
  readonly written: number;
  /** Everything that was written is out. */
  flush(): Promise<void>;
}

export function isLogLevel(text: unknown): text is LogLevel {
  return (logLevels as readonly unknown[]).includes(text);
}

export function isShown(level: LogLevel, at: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(at);
}

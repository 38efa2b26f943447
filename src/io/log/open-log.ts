// A log in one of two forms: lines of JSON for machines (pino), or sentences for people.
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { isShown, type Log, type LogFields, type LogFormat, type LogLevel } from "./log.ts";
import type { LogStream } from "./log-stream.ts";

export interface LogOptions {
  readonly format: LogFormat;
  readonly level: LogLevel;
  readonly stream: LogStream;
}

export async function openLog({ format, level, stream }: LogOptions): Promise<Log> {
  return format === "json" ? openJsonLog(level, stream) : openTextLog(level, stream);
}

/** `{"level":"info","time":"2026-01-31T12:00:00.000Z","pid":4242,…fields,"msg":"…"}` */
async function openJsonLog(level: LogLevel, stream: LogStream): Promise<Log> {
  const { default: pino } = await import("pino");
  let current: LogLevel = level;
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {},
    },
    { write: (line: string) => stream.write(line, current) },
  );
  const log: Log = {
    get level() {
      return logger.level as LogLevel;
    },
    set level(next) {
      logger.level = next;
    },
    write: (at, message, fields = {}) => {
      current = at;
      logger[at](fields, message);
    },
    get dropped() {
      return stream.dropped;
    },
    get written() {
      return stream.written;
    },
    flush: () => stream.flush(),
  };
  return log;
}

/** `2026-01-31T12:00:00.000Z warn message name=value …` */
function openTextLog(level: LogLevel, stream: LogStream): Log {
  const log: Log = {
    level,
    write: (at, message, fields = {}) => {
      if (!isShown(at, log.level)) return;
      stream.write(`${new Date().toISOString()} ${at} ${oneLine(message)}${fieldsText(fields)}\n`, at);
    },
    get dropped() {
      return stream.dropped;
    },
    get written() {
      return stream.written;
    },
    flush: () => stream.flush(),
  };
  return log;
}

function fieldsText(fields: LogFields): string {
  let text = "";
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    const shown = oneLine(typeof value === "object" ? JSON.stringify(value) : String(value));
    text += ` ${name}=${/^[^\s"=]+$/.test(shown) ? shown : JSON.stringify(shown)}`;
  }
  return text;
}

/** Nothing in it begins a line of its own, moves a cursor or changes colours. */
function oneLine(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text;
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

// Answers as they leave: NDJSON, one JSON text a line, or CSV, one column an output and a last one for errors.
import type { Issue, TrimaranError } from "../base/errors.ts";
import { jsonValueText } from "../data/json-value-text.ts";
import { doubleText } from "../data/number-text.ts";
import { parseExact } from "./ndjson-reader.ts";

export interface RowEncoder {
  /** What stands before the first row; empty when nothing does. */
  readonly head: string;
  /** A row from the JSON text of its output object. */
  answer(text: string): string;
  failure(error: TrimaranError): string;
}

export const ndjsonEncoder: RowEncoder = {
  head: "",
  answer: (text) => `${text}\n`,
  failure: (error) => `${JSON.stringify(errorAsJson(error))}\n`,
};

/** Arrays and objects stand in their cell as JSON. A missing value is an empty cell. */
export function csvEncoder(columns: readonly string[]): RowEncoder {
  return {
    head: csvRow([...columns, "error"]),
    answer(text) {
      const output = parseExact(text) as Readonly<Record<string, unknown>>;
      return csvRow([...columns.map((column) => cellText(output[column])), ""]);
    },
    failure: (error) => csvRow([...columns.map(() => ""), sentenceOf(error)]),
  };
}

/** The shape of every error for machines, here and on stderr. */
export function errorAsJson(error: TrimaranError): Readonly<Record<string, unknown>> {
  const { code, kind, message, fix, issues } = error;
  return {
    error: { code, kind, message, fix, issues: issues.map(({ path, code, message }) => ({ path, code, message })) },
  };
}

function sentenceOf(error: TrimaranError): string {
  return error.issues.length === 0 ? error.message : error.issues.map(issueText).join("; ");
}

export function issueText({ path, message }: Issue): string {
  return path === "" ? message : `${path}: ${message}`;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "number" ? doubleText(value) : jsonValueText(value);
}

function csvRow(cells: readonly string[]): string {
  return `${cells.map(quoted).join(",")}\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

// CSV as `pandas.DataFrame.to_csv` writes it → a table. A column whose cells are all numbers is one of numbers, as pandas reads it.
import { isUtf8 } from "node:buffer";
import { trimaranError } from "../../../base/errors.ts";
import { assertDense, type ScoringTable } from "./scoring-table.ts";

/** What `pandas.read_csv` takes for a missing value. */
const missing: ReadonlySet<string> = new Set(
  " #N/A #N/A_N/A #NA -1.#IND -1.#QNAN -NaN -nan 1.#IND 1.#QNAN <NA> N/A NA NULL NaN None n/a nan null".split(" "),
);

/** `texts`: columns that the signature types as strings keep their cells as they are written. @throws SCORING_CSV, SCORING_INPUT */
export function readScoringCsv(bytes: Buffer, texts: ReadonlySet<string>): ScoringTable {
  if (!isUtf8(bytes))
    throw trimaranError("SCORING_INPUT", { problem: "Ensure that input is a valid UTF-8 encoded string." });
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  const [header, ...lines] = splitLines(text);
  if (header === undefined) throw invalid("No columns to parse from file");
  const names = headerNames(header);
  assertDense(
    names.length * lines.length,
    lines.reduce((sum, line) => sum + line.length, 0),
  );
  const cells = lines.map((line, index): (string | null)[] => {
    if (line.length > names.length) {
      throw invalid(`Expected ${names.length} fields in row ${index + 1}, saw ${line.length}`);
    }
    return names.map((_, column) => {
      const cell = line[column];
      return cell === undefined || missing.has(cell) ? null : cell;
    });
  });
  const convert = names.map((name, column) => (texts.has(name) ? asText : converter(cells.map((row) => row[column]!))));
  const rows = cells.map((row) => row.map((cell, column) => (cell === null ? null : convert[column]!(cell))));
  return { kind: "frame", names, rows, ragged: false };
}

const numberText = /^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|Infinity)$/;

function converter(cells: readonly (string | null)[]): (cell: string) => unknown {
  const present = cells.filter((cell) => cell !== null);
  if (present.every((cell) => numberText.test(cell.trim()))) return (cell) => toNumber(cell.trim());
  if (present.every((cell) => /^(true|false)$/i.test(cell))) return (cell) => cell.toLowerCase() === "true";
  return asText;
}

function asText(cell: string): string {
  return cell;
}

function toNumber(text: string): number {
  return Number(text.replace(/inf$/, "Infinity"));
}

/** As pandas names them: what has no name by its position, and a name that came before with a number. */
function headerNames(header: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return header.map((cell, column) => {
    const name = cell === "" ? `Unnamed: ${column}` : cell;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  });
}

/** RFC 4180; empty lines are skipped, as pandas does. */
function splitLines(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const start = at + 1;
      let end = text.indexOf('"', start);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) throw invalid("EOF inside a quoted cell");
      cell = text.slice(start, end).replaceAll('""', '"');
      at = end + 1;
      const rest = cellEnd(text, at);
      cell += text.slice(at, rest);
      at = rest;
    } else {
      const end = cellEnd(text, at);
      cell = text.slice(at, end);
      at = end;
    }
    line.push(cell);
    if (text[at] === ",") {
      at++;
      if (at < text.length && text[at] !== "\n" && text[at] !== "\r") continue;
      line.push("");
    }
    if (line.length > 1 || line[0] !== "") lines.push(line);
    line = [];
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
  }
  return lines;
}

const cellEnds = /[,\r\n]/g;

function cellEnd(text: string, from: number): number {
  cellEnds.lastIndex = from;
  return cellEnds.exec(text)?.index ?? text.length;
}

function invalid(problem: string): Error {
  return trimaranError("SCORING_CSV", { problem });
}

// A filter's text → comparisons joined by AND. What a name means is decided by the caller's rules.
//
//   filter     = comparison ("AND" comparison)* ["AND"]
//   comparison = name comparator value | name ["NOT"] "IN" "(" string ("," string)* ")" | name "IS" ["NOT"] "NULL"
//   name       = [entity "."] key           a key with other signs in backticks or double quotes
//   value      = 'text' | "text" | number   quotes within a text stay as they were written
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { type Token, tokenize } from "./tokens.ts";

export type Comparator =
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "LIKE"
  | "ILIKE"
  | "RLIKE"
  | "IN"
  | "NOT IN"
  | "IS NULL"
  | "IS NOT NULL";

export interface Comparison {
  /** As written, before the first point: `tags`; empty for a bare name. */
  readonly entity: string;
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: FilterValue;
}

export type FilterValue =
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "list"; readonly texts: readonly string[] }
  | { readonly kind: "none" };

export const maxClauses = 100;
export const maxListItems = 1000;
const maxPatterns = 5;

/** @throws WireError */
export function parseFilter(filter: string): readonly Comparison[] {
  if (filter === "") return [];
  const tokens = tokenize(filter);
  if (tokens.length === 0) throw invalidParameter(`Invalid filter '${filter.slice(0, 100)}'. Could not be parsed.`);
  const reader = new Reader(tokens);
  const comparisons: Comparison[] = [];
  while (!reader.isAtEnd) {
    if (comparisons.length === maxClauses) throw invalidParameter(`A filter may have at most ${maxClauses} clauses.`);
    comparisons.push(readComparison(reader));
    if (comparisons.filter(({ comparator }) => comparator === "RLIKE").length > maxPatterns) {
      throw invalidParameter(`A filter may have at most ${maxPatterns} RLIKE.`);
    }
    if (!reader.isAtEnd && !reader.takesWord("AND")) throw reader.invalid();
  }
  return comparisons;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  take(...kinds: readonly Token["kind"][]): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined || !kinds.includes(token.kind)) throw this.invalid();
    this.#at++;
    return token;
  }

  takes(kind: Token["kind"]): boolean {
    const is = this.#tokens[this.#at]?.kind === kind;
    if (is) this.#at++;
    return is;
  }

  takesWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    const is = token?.kind === "name" && token.text.toUpperCase() === word;
    if (is) this.#at++;
    return is;
  }

  invalid(): Error {
    const rest = this.#tokens.slice(Math.max(0, this.#at - 1), this.#at + 3).map(({ text }) => text);
    return invalidParameter(`Invalid clause(s) in filter string: '${rest.join(" ").slice(0, 200)}'`);
  }
}

function readComparison(reader: Reader): Comparison {
  const { entity, key } = splitName(reader.take("name").text);
  if (reader.takesWord("IS")) {
    const comparator = reader.takesWord("NOT") ? "IS NOT NULL" : "IS NULL";
    if (!reader.takesWord("NULL")) throw reader.invalid();
    return { entity, key, comparator, value: { kind: "none" } };
  }
  if (reader.takesWord("NOT")) {
    if (!reader.takesWord("IN")) throw reader.invalid();
    return { entity, key, comparator: "NOT IN", value: readList(reader) };
  }
  if (reader.takesWord("IN")) return { entity, key, comparator: "IN", value: readList(reader) };
  if (reader.takesWord("LIKE")) return { entity, key, comparator: "LIKE", value: readValue(reader) };
  if (reader.takesWord("RLIKE")) return { entity, key, comparator: "RLIKE", value: readValue(reader) };
  if (reader.takesWord("ILIKE")) return { entity, key, comparator: "ILIKE", value: readValue(reader) };
  const { text } = reader.take("comparator");
  const comparator = text as Comparator | "<>";
  if (comparator === "<>") throw invalidParameter("Invalid comparator '<>'. Use '!='.");
  return { entity, key, comparator, value: readValue(reader) };
}

function readValue(reader: Reader): FilterValue {
  const { kind, text } = reader.take("string", "number", "name");
  if (kind === "number") return { kind: "number", number: Number(text) };
  if (kind === "name" && !isQuoted(text, '"')) {
    throw invalidParameter(
      `Parameter value is either not quoted or unidentified quote types used for string value ${text.slice(0, 100)}. Use either single or double quotes.`,
    );
  }
  return { kind: "string", text: text.slice(1, -1) };
}

function readList(reader: Reader): FilterValue {
  reader.take("open");
  if (reader.takes("close")) {
    throw invalidParameter(
      "While parsing a list in the query, expected a non-empty list of string values, but got empty list",
    );
  }
  const texts: string[] = [];
  for (;;) {
    if (texts.length === maxListItems) throw invalidParameter(`A list may have at most ${maxListItems} values.`);
    const value = readValue(reader);
    if (value.kind !== "string") throw invalidParameter("While parsing a list in the query, expected string value.");
    texts.push(value.text);
    const hasMore = reader.takes("comma");
    // A tuple of one in Python ends with a comma.
    if (reader.takes("close")) return { kind: "list", texts };
    if (!hasMore) throw reader.invalid();
  }
}

export function splitName(name: string): { readonly entity: string; readonly key: string } {
  const quoted = /^(?:`[^`]*`|"[^"]*")$/u.test(name);
  const point = quoted ? -1 : firstPoint(name);
  if (point < 0) return { entity: "", key: withoutQuotes(name) };
  return { entity: withoutQuotes(name.slice(0, point)), key: withoutQuotes(name.slice(point + 1)) };
}

/** The first point outside of quotes. */
function firstPoint(name: string): number {
  let quote = "";
  for (let at = 0; at < name.length; at++) {
    const sign = name[at] ?? "";
    if (quote !== "") quote = sign === quote ? "" : quote;
    else if (sign === "`" || sign === '"' || sign === "'") quote = sign;
    else if (sign === ".") return at;
  }
  return -1;
}

function withoutQuotes(text: string): string {
  return isQuoted(text, "`") || isQuoted(text, '"') || isQuoted(text, "'") ? text.slice(1, -1) : text;
}

function isQuoted(text: string, quote: string): boolean {
  return text.length >= 2 && text.startsWith(quote) && text.endsWith(quote);
}

// Reads JSON whose member names hold escapes. V8 (13.6, Node 24) guesses the next name of an object from objects that it has
// seen, and compares its guess with the name as written, escapes and all: after `{"a":1,"\\":1}` it reads `{"a":1,"\u00e9":1}`
// as `{"a":1,"\\":1}`. One caller could so make it misread the rows of all others: those texts are read here.
import { trimaranError } from "../base/errors.ts";
import { describeJsonFault, isSoundJson } from "../base/json-fault.ts";

/**
 * Slower than JSON.parse, and equal to it but for that mistake.
 * @throws REQUEST_NOT_JSON
 */
export function parseEscapedNames(text: string): unknown {
  // JSON.parse is not even asked whether the text is sound: it would learn the names for its next guess.
  if (!isSoundJson(text)) throw trimaranError("REQUEST_NOT_JSON", { problem: describeJsonFault(text) });
  return readValue({ text, at: 0, scalar: JSON.parse });
}

/** Of sound JSON, with integers beyond 2^53 as bigints. */
export function parseExactIntegers(text: string): unknown {
  return readValue({ text, at: 0, scalar: exactScalar });
}

function exactScalar(token: string): unknown {
  const value: unknown = JSON.parse(token);
  const isExact = typeof value !== "number" || Number.isSafeInteger(value) || !/^-?\d+$/.test(token);
  return isExact ? value : BigInt(token);
}

/** A text that is known to be sound JSON, and how far it was read. */
interface Cursor {
  readonly text: string;
  at: number;
  /** Reads a string, a number or a literal. */
  readonly scalar: (token: string) => unknown;
}

/** A string, a punctuation mark, or a number or literal; with the space before it. */
const token = /[ \n\r\t]*("|[{}[\],:]|[^ \n\r\t"{}[\],:]+)/y;

function readToken(cursor: Cursor): string {
  token.lastIndex = cursor.at;
  const found = token.exec(cursor.text)?.[1] ?? "";
  cursor.at = token.lastIndex;
  return found === '"' ? readString(cursor) : found;
}

/** The string as written, with its quotes. The cursor stands behind the first of them. */
function readString(cursor: Cursor): string {
  const start = cursor.at - 1;
  while (cursor.text[cursor.at] !== '"') cursor.at += cursor.text[cursor.at] === "\\" ? 2 : 1;
  cursor.at++;
  return cursor.text.slice(start, cursor.at);
}

function readValue(cursor: Cursor, first: string = readToken(cursor)): unknown {
  if (first === "[") {
    const items: unknown[] = [];
    for (let next = readToken(cursor); next !== "]"; next = readToken(cursor)) {
      items.push(readValue(cursor, next === "," ? readToken(cursor) : next));
    }
    return items;
  }
  // A string, a number or a literal on its own has no names to be guessed.
  if (first !== "{") return cursor.scalar(first);
  const members: [string, unknown][] = [];
  for (let next = readToken(cursor); next !== "}"; next = readToken(cursor)) {
    const name = JSON.parse(next === "," ? readToken(cursor) : next) as string;
    readToken(cursor);
    members.push([name, readValue(cursor)]);
  }
  // Makes `__proto__` an own key.
  return Object.fromEntries(members);
}

// Why a text is not JSON and where, in words that quote nothing of it. Runs only after JSON.parse refused the text.

/**
 * JSON (RFC 8259):
 *
 *     value  = "{" [ member *( "," member ) ] "}" / "[" [ value *( "," value ) ] "]" / string / number / true / false / null
 *     member = string ":" value
 *
 * Its nesting was bounded before, so that recursion is safe.
 */
export function describeJsonFault(text: string): string {
  if (text.trim() === "") return "it is empty";
  const fault = findFault(text);
  if (fault === undefined) return "it is sound JSON";
  if (fault.at >= text.length) return `it ends too early (${fault.what})`;
  const before = text.slice(0, fault.at);
  const line = before.split("\n").length;
  return `${fault.what} at line ${line}, column ${fault.at - before.lastIndexOf("\n")}`;
}

interface Place {
  readonly at: number;
  readonly what: string;
}

class Fault extends Error {
  readonly place: Place;
  constructor(place: Place) {
    super(place.what);
    this.place = place;
  }
}

/** Whether the whole text is one JSON value; for those who may not ask JSON.parse. */
export function isSoundJson(text: string): boolean {
  return findFault(text) === undefined;
}

function findFault(text: string): Place | undefined {
  try {
    const end = skipSpace(text, readValue(text, skipSpace(text, 0)));
    return end === text.length ? undefined : { at: end, what: "something follows the value" };
  } catch (error) {
    if (error instanceof Fault) return error.place;
    throw error;
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const escapeRule = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const literal = /true|false|null/y;
const noNumber = /[+-]?(?:NaN|Infinity|nan|inf)/y;

/** The end of the value that begins at `at`. */
function readValue(text: string, at: number): number {
  switch (text[at]) {
    case "{":
      return readMembers(text, at);
    case "[":
      return readItems(text, at);
    case '"':
      return readString(text, at);
  }
  const end = match(literal, text, at) ?? match(number, text, at);
  if (end !== undefined) return end;
  throw fault(at, whyNoValue(text, at));
}

function whyNoValue(text: string, at: number): string {
  if (match(noNumber, text, at) !== undefined) return "JSON has no NaN and no infinities (a missing value is null)";
  if (text[at] === "'") return "text must stand in double quotes";
  if (text[at] === "}" || text[at] === "]") return "a comma is followed by nothing, or a value is missing";
  return "a value is expected";
}

function readMembers(text: string, start: number): number {
  let at = skipSpace(text, start + 1);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') throw fault(at, "a name in double quotes is expected");
    at = skipSpace(text, readString(text, at));
    if (text[at] !== ":") throw fault(at, "a colon is expected");
    at = skipSpace(text, readValue(text, skipSpace(text, at + 1)));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") throw fault(at, "a comma or } is expected");
    at = skipSpace(text, at + 1);
  }
}

function readItems(text: string, start: number): number {
  let at = skipSpace(text, start + 1);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = skipSpace(text, readValue(text, at));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") throw fault(at, "a comma or ] is expected");
    at = skipSpace(text, at + 1);
  }
}

function readString(text: string, start: number): number {
  // A loop: a pattern over megabytes of text may overflow the stack of the regular-expression engine.
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return at + 1;
    if (char < 0x20) throw fault(at, "a control character stands in a string");
    if (char !== 0x5c) continue;
    const end = match(escapeRule, text, at);
    if (end === undefined && at + 6 <= text.length) throw fault(at, "an escape is not one of JSON's");
    if (end === undefined) break;
    at = end - 1;
  }
  throw fault(text.length, "a string does not end");
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function fault(at: number, what: string): Fault {
  return new Fault({ at, what });
}

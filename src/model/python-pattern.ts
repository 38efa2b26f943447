// Regular expressions of Python's `re`, on str, in JavaScript's words (flags `gv`). Only what is safe and means the same is
// taken: literals, classes, \w \d \s \b, groups without names, alternation, lookaround, quantifiers. A repetition inside of
// a repeated group is refused, as are more than three unbounded repetitions, so that no file can stop the service with a
// pattern that backtracks for ever.

export type Translation =
  | {
      readonly kind: "pattern";
      readonly source: string /** A group was captured: it is the word. */;
      readonly group: boolean;
    }
  | { readonly kind: "refused"; readonly problem: string };

const word = "\\p{L}\\p{N}_";
const space = "\\t-\\r\\x1c-\\x20\\x85\\p{Z}";
/** Class members by escape; capitals stand for everything else. */
const classes: Readonly<Record<string, string>> = { w: word, d: "\\p{Nd}", s: space };
const boundary = `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;
const inside = `(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`;
const controls: Readonly<Record<string, string>> = { n: "\\n", t: "\\t", r: "\\r", f: "\\f", v: "\\v" };

/** The two patterns that nearly everybody uses mean simply runs of word characters. */
const runs: Readonly<Record<string, string>> = {
  "(?u)\\b\\w\\w+\\b": `[${word}]{2,}`,
  "\\b\\w\\w+\\b": `[${word}]{2,}`,
  "(?u)\\b\\w+\\b": `[${word}]+`,
  "\\b\\w+\\b": `[${word}]+`,
};

const maxUnbounded = 3;
const maxLength = 1000;

class Refusal extends Error {}

export function translatePattern(pattern: string): Translation {
  if (pattern.length > maxLength) return { kind: "refused", problem: `it is longer than ${maxLength} characters` };
  const run = runs[pattern];
  if (run !== undefined) return { kind: "pattern", source: run, group: false };
  const state: State = { points: Array.from(pattern), at: 0, groups: 0, unbounded: 0, depth: 0 };
  if (pattern.startsWith("(?u)")) state.at = 4;
  try {
    const { source } = alternatives(state);
    if (state.at < state.points.length) throw new Refusal("a parenthesis is closed that was never opened");
    if (state.groups > 1) throw new Refusal("it has several groups");
    new RegExp(source, "gv");
    return { kind: "pattern", source, group: state.groups === 1 };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", problem: error.message };
    if (error instanceof SyntaxError) return { kind: "refused", problem: "it is not a regular expression" };
    throw error;
  }
}

interface State {
  readonly points: readonly string[];
  at: number;
  groups: number;
  unbounded: number;
  depth: number;
}

/** A translated piece, and whether it may match one text in several ways: by a choice, an option or a repetition. */
interface Piece {
  readonly source: string;
  readonly varies: boolean;
}

function alternatives(state: State): Piece {
  let source = "";
  let varies = false;
  while (state.at < state.points.length && state.points[state.at] !== ")") {
    if (state.points[state.at] === "|") {
      varies = true;
      source += "|";
      state.at++;
      continue;
    }
    const piece = quantified(state, atom(state));
    source += piece.source;
    varies ||= piece.varies;
  }
  return { source, varies };
}

function atom(state: State): Piece {
  const point = state.points[state.at++] as string;
  switch (point) {
    case "(":
      return group(state);
    case "[":
      return { source: set(state), varies: false };
    case ".":
      return { source: "[^\\n]", varies: false };
    case "^":
      return { source: "^", varies: false };
    case "$":
      return { source: "(?=\\n?$)", varies: false };
    case "\\":
      return { source: escaped(state), varies: false };
    case "*":
    case "+":
    case "?":
      throw new Refusal("a quantifier has nothing to repeat");
    default:
      return { source: literal(point), varies: false };
  }
}

const openings = ["?:", "?=", "?!", "?<=", "?<!"];

function group(state: State): Piece {
  if (++state.depth > 20) throw new Refusal("its groups are nested too deep");
  const rest = state.points.slice(state.at, state.at + 3).join("");
  const opening = openings.find((each) => rest.startsWith(each));
  if (opening === undefined && rest.startsWith("?")) throw new Refusal("a group has a name or flags");
  state.at += opening?.length ?? 0;
  if (opening === undefined) state.groups++;
  const { source, varies } = alternatives(state);
  if (state.points[state.at++] !== ")") throw new Refusal("a parenthesis is not closed");
  state.depth--;
  return { source: `(${opening ?? ""}${source})`, varies };
}

function quantified(state: State, piece: Piece): Piece {
  const rest = state.points.slice(state.at, state.at + 16).join("");
  const quantifier = /^(?:[*+?]|\{\d{1,3}\}|\{\d{1,3},\d{0,3}\})/.exec(rest)?.[0];
  if (quantifier === undefined) {
    if (rest.startsWith("{")) throw new Refusal("a brace that is no quantifier");
    return piece;
  }
  state.at += quantifier.length;
  const lazy = state.points[state.at] === "?" ? "?" : "";
  state.at += lazy.length;
  if (/[*+?{]/.test(state.points[state.at] ?? "")) throw new Refusal("a quantifier is quantified or possessive");
  const repeats = quantifier !== "?";
  if (repeats && piece.varies) {
    throw new Refusal("a choice, an option or a repetition stands inside of a repeated group");
  }
  if (/^[*+]$|,\}$/.test(quantifier) && ++state.unbounded > maxUnbounded) {
    throw new Refusal(`it has more than ${maxUnbounded} unbounded repetitions`);
  }
  return { source: `${piece.source}${quantifier}${lazy}`, varies: true };
}

function escaped(state: State): string {
  const point = state.points[state.at++];
  if (point === undefined) throw new Refusal("it ends in a backslash");
  if (point === "b") return boundary;
  if (point === "B") return inside;
  const members = classes[point.toLowerCase()];
  if (members !== undefined) return point === point.toLowerCase() ? `[${members}]` : `[^${members}]`;
  return controls[point] ?? punctuation(point);
}

function punctuation(point: string): string {
  if (/[0-9A-Za-z]/.test(point)) throw new Refusal(`the escape \\${point}`);
  return literal(point);
}

/** A set: its members as JavaScript's `v` mode has them, every punctuation mark as its number. */
function set(state: State): string {
  let source = "";
  if (state.points[state.at] === "^") {
    source = "^";
    state.at++;
  }
  for (let first = true; first || state.points[state.at] !== "]"; first = false) {
    const from = member(state);
    const dash = state.points[state.at] === "-" && (state.points[state.at + 1] ?? "]") !== "]";
    if (!dash) {
      source += from.source;
      continue;
    }
    state.at++;
    const to = member(state);
    if (!from.single || !to.single) throw new Refusal("a range between classes");
    source += `${from.source}-${to.source}`;
  }
  state.at++;
  return `[${source}]`;
}

function member(state: State): { readonly source: string; readonly single: boolean } {
  const point = state.points[state.at++];
  if (point === undefined) throw new Refusal("a set is not closed");
  if (point === "[") throw new Refusal("a bracket inside of a set");
  if (point !== "\\") return { source: literal(point), single: true };
  const letter = state.points[state.at++] ?? "";
  const members = classes[letter.toLowerCase()];
  if (members !== undefined)
    return { source: letter === letter.toLowerCase() ? members : `[^${members}]`, single: false };
  return { source: controls[letter] ?? punctuation(letter), single: true };
}

function literal(point: string): string {
  const code = point.codePointAt(0) as number;
  return code < 128 && !/\w/.test(point) ? `\\x${code.toString(16).padStart(2, "0")}` : point;
}

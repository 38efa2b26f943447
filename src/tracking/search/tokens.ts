// Words of a filter. Every pattern is anchored and takes each character once: the time is that of the length.
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";

export interface Token {
  readonly kind: "name" | "string" | "number" | "comparator" | "open" | "close" | "comma" | "other";
  /** As written. */
  readonly text: string;
}

const part = '(?:[\\p{L}\\p{N}_]+|`[^`]*`|"[^"]*")';
const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["number", /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.])/uy],
  ["string", /'(?:''|\\'|[^'])*'/uy],
  ["name", new RegExp(`${part}(?:\\.(?:${part}|'[^']*'))*`, "uy")],
  ["comparator", /<=|>=|!=|<>|=|<|>/uy],
  ["open", /\(/uy],
  ["close", /\)/uy],
  ["comma", /,/uy],
  ["other", /./suy],
];
const blank = /\s+/uy;

export const maxFilterChars = 20_000;

/** @throws WireError */
export function tokenize(filter: string): readonly Token[] {
  if (filter.length > maxFilterChars) {
    throw invalidParameter(`A filter may have at most ${maxFilterChars} characters. Its length is ${filter.length}.`);
  }
  const tokens: Token[] = [];
  for (let at = 0; at < filter.length; ) {
    blank.lastIndex = at;
    const space = blank.exec(filter)?.[0].length ?? 0;
    at += space;
    if (at >= filter.length) break;
    const token = tokenAt(filter, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(filter: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(filter)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return { kind: "other", text: filter.slice(at, at + 1) };
}

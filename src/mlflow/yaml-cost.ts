// What reading a YAML text may cost. The parser that makes values recurses and is quadratic in places, so that a page of
// brackets or of dashes takes it a minute; its lexer does neither. The text is walked by that first, and counted.
import { Lexer, Parser } from "yaml";
import { trimaranError } from "../base/errors.ts";

export interface YamlLimits {
  /** Lexemes: words, marks, line ends, comments. An MLmodel file has some hundreds. @default 20000 */
  readonly maxTokens?: number;
  /** Collections inside of one another. @default 64 */
  readonly maxDepth?: number;
}

/** What stands below the first collection on the parser's stack, and above the last: the document, a scalar. */
const stackBeside = 4;

/** Walks a text no further than its limits; `name` is what the error calls the file. Returns how many lexemes it has. @throws FORMAT_LIMIT */
export function assertYamlCost(text: string, name: string, limits: YamlLimits = {}): number {
  const { maxTokens = 20_000, maxDepth = 64 } = limits;
  const parser = new Parser();
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++tokens > maxTokens) throw over(name, { limit: "maxTokens", max: maxTokens, problem: "it has more words" });
    // A generator: what it makes is not wanted, only that it goes on.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > maxDepth + stackBeside) {
      throw over(name, { limit: "maxDepth", max: maxDepth, problem: "it is nested more deeply" });
    }
  }
  return tokens;
}

function over(name: string, slots: { readonly limit: string; readonly max: number; readonly problem: string }): Error {
  return trimaranError("FORMAT_LIMIT", { name, ...slots });
}

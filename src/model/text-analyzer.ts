// How a document becomes terms: preprocessing, words or characters, and the runs of them that count as one term.
import { graphError } from "./op-definition.ts";
import { translatePattern } from "./python-pattern.ts";

export interface TextAnalyzer {
  readonly lowercase: boolean;
  /**
   * `unicode` drops combining marks after NFKD, `ascii` everything beyond ASCII; `composed` is `unicode`, but a text that is
   * NFKD already stays as it is.
   */
  readonly accents: "keep" | "unicode" | "ascii" | "composed";
  /** `char_wb`: characters, but never across the edge of a word, each word between two spaces. */
  readonly unit: "word" | "char" | "char_wb";
  /** What a word is: a regular expression as Python writes it, of those that `translatePattern` takes. */
  readonly pattern: string;
  /** Words that are dropped before runs of words are made. */
  readonly stopWords: readonly string[];
  /** Lengths of runs, both counted in. */
  readonly least: number;
  readonly most: number;
}

/** Longer runs than this nobody counts. */
const longestRun = 64;

/** @throws MODEL_GRAPH */
export function assertAnalyzer(analyzer: TextAnalyzer): void {
  const { least, most } = analyzer;
  if (!Number.isInteger(least) || !Number.isInteger(most) || least < 1 || most < least || most > longestRun) {
    throw graphError(`terms of ${least} to ${most} parts`);
  }
  if (analyzer.unit === "word" && translatePattern(analyzer.pattern).kind === "refused") {
    throw graphError("the pattern of words is not supported");
  }
}

export function describeAnalyzer({ unit, least, most }: TextAnalyzer): string {
  return `${unit}s, ${least === most ? least : `${least} to ${most}`} a term`;
}

// Documents to terms. Source: _VectorizerMixin in sklearn/feature_extraction/text.py.
import { translatePattern } from "../../model/python-pattern.ts";
import type { TextAnalyzer } from "../../model/text-analyzer.ts";
import { stripAccents } from "./strip-accents.ts";

/** The terms of a document, in order, with repeats. */
export type Analyze = (document: string) => readonly string[];

export function makeAnalyze(analyzer: TextAnalyzer): Analyze {
  const units = unitsOf(analyzer);
  return (document) => units(stripAccents(analyzer.lowercase ? document.toLowerCase() : document, analyzer.accents));
}

function unitsOf(analyzer: TextAnalyzer): Analyze {
  switch (analyzer.unit) {
    case "word":
      return words(analyzer);
    case "char":
      return (text) => runsOf(Array.from(oneSpace(text)), analyzer, "");
    case "char_wb":
      return (text) =>
        oneSpace(text)
          .split(whitespace)
          .filter((word) => word !== "")
          .flatMap((word) => edgeRuns(Array.from(` ${word} `), analyzer));
  }
}

function words(analyzer: TextAnalyzer): Analyze {
  const translation = translatePattern(analyzer.pattern);
  if (translation.kind === "refused") throw new TypeError("analyze: the pattern was checked before");
  const { source, group } = translation;
  const pattern = new RegExp(source, "gv");
  const stopWords = new Set(analyzer.stopWords);
  return (text) => {
    const found: string[] = [];
    for (const match of text.matchAll(pattern)) {
      const word = group ? (match[1] ?? "") : match[0];
      if (!stopWords.has(word)) found.push(word);
    }
    return runsOf(found, analyzer, " ");
  };
}

/** All runs of the shortest length, then of the next. */
function runsOf(parts: readonly string[], { least, most }: TextAnalyzer, separator: string): readonly string[] {
  if (most === 1) return parts;
  const runs: string[] = least === 1 ? [...parts] : [];
  for (let length = Math.max(least, 2); length <= Math.min(most, parts.length); length++) {
    for (let at = 0; at + length <= parts.length; at++) runs.push(parts.slice(at, at + length).join(separator));
  }
  return runs;
}

/** The runs of one word between its spaces; a word shorter than a run counts once, whole. */
function edgeRuns(points: readonly string[], { least, most }: TextAnalyzer): string[] {
  const runs: string[] = [];
  for (let length = least; length <= most; length++) {
    runs.push(points.slice(0, length).join(""));
    for (let at = 1; at + length <= points.length; at++) runs.push(points.slice(at, at + length).join(""));
    if (length >= points.length) break;
  }
  return runs;
}

/** What Python calls whitespace. */
const whitespace = /[\t-\r\x1c-\x20\x85\p{Z}]+/v;
const severalSpaces = /[\t-\r\x1c-\x20\x85\p{Z}]{2,}/gv;

function oneSpace(text: string): string {
  return text.replace(severalSpaces, " ");
}

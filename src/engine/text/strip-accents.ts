// Accents off, as Python's unicodedata has it.
import type { TextAnalyzer } from "../../model/text-analyzer.ts";

export function stripAccents(text: string, rule: TextAnalyzer["accents"]): string {
  if (rule === "keep" || /^[\x00-\x7f]*$/.test(text)) return text;
  const decomposed = text.normalize("NFKD");
  if (rule === "composed" && decomposed === text) return text;
  const points = Array.from(decomposed);
  const kept = rule === "ascii" ? points.filter((point) => point < "\x80") : points.filter((point) => !combines(point));
  return kept.join("");
}

const known = new Map<string, boolean>();

/**
 * Whether a character's combining class is not 0. No engine tells the class, but normalising moves characters of a
 * lower class before those of a higher: U+0345 has the highest (240), U+0334 the lowest (1).
 */
function combines(point: string): boolean {
  if (!/\p{M}/u.test(point)) return false;
  let answer = known.get(point);
  if (answer === undefined) {
    answer =
      point === "\u0345" ||
      `\u0345${point}`.normalize("NFD") !== `\u0345${point}` ||
      `${point}\u0334`.normalize("NFD") !== `${point}\u0334`;
    known.set(point, answer);
  }
  return answer;
}

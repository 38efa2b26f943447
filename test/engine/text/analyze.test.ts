// Documents to terms, accents and hashes: recorded from scikit-learn 1.9.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAnalyze } from "../../../src/engine/text/analyze.ts";
import { hashColumn, murmurHash } from "../../../src/engine/text/murmur-hash.ts";
import { stripAccents } from "../../../src/engine/text/strip-accents.ts";
import type { TextAnalyzer } from "../../../src/model/text-analyzer.ts";

const words: TextAnalyzer = {
  lowercase: true,
  accents: "keep",
  unit: "word",
  pattern: "(?u)\\b\\w\\w+\\b",
  stopWords: [],
  least: 1,
  most: 1,
};

const terms = (document: string, options: Partial<TextAnalyzer>): readonly string[] =>
  makeAnalyze({ ...words, ...options })(document);

test("words are runs of two or more letters, digits and underscores, in lower case", () => {
  assert.deepEqual(terms("Don't stop-me, İstanbul's x_1 é", {}), ["don", "stop", "me", "stanbul", "x_1"]);
});

test("stop words go before runs of words are made", () => {
  const options = { least: 1, most: 2, stopWords: ["the"] };
  assert.deepEqual(terms("see the red the car", options), ["see", "red", "car", "see red", "red car"]);
});

test("characters are code points, and several spaces are one", () => {
  const options = { unit: "char", least: 1, most: 2 } as const;
  assert.deepEqual(terms("a \t b🚖", options), ["a", " ", "b", "🚖", "a ", " b", "b🚖"]);
});

test("characters within words keep to their word and its two spaces", () => {
  const options = { unit: "char_wb", least: 2, most: 3 } as const;
  assert.deepEqual(terms("ab  c", options), [" a", "ab", "b ", " ab", "ab ", " c", "c ", " c "]);
});

test("accents go by combining class, not by category", () => {
  const text = "naïve Å ẛ̣ \u0939\u093f\u0928\u094d \u0345x \u0e31 \u20dd";
  assert.equal(stripAccents(text, "unicode"), "naive A s \u0939\u093f\u0928 x \u0e31 \u20dd");
  assert.equal(stripAccents("ﬁn Straße", "ascii"), "fin Strae");
  assert.equal(stripAccents("cafe\u0301", "composed"), "cafe\u0301");
  assert.equal(stripAccents("caf\u00e9", "composed"), "cafe");
  assert.equal(stripAccents("caf\u00e9", "keep"), "caf\u00e9");
});

test("hashes are MurmurHash3 of the UTF-8 bytes; half a surrogate pair has none", () => {
  const hashes: readonly (readonly [string, number])[] = [
    ["", 0],
    ["a", 1009084850],
    ["ab", -1681926305],
    ["abc", -1277324294],
    ["abcd", 1139631978],
    ["taxi", 1499890166],
    ["île", 1516217637],
    ["🚖", 1094398078],
  ];
  for (const [text, hash] of hashes) assert.equal(murmurHash(text), hash, text);
  assert.equal(murmurHash("\ud83d"), undefined);
  assert.equal(hashColumn(-5, 4), 1);
  assert.equal(hashColumn(-0x80000000, 10), 2147483648 % 10);
});

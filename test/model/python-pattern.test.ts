// Python's regular expressions in JavaScript: what is taken finds what `re.findall` finds (recorded from Python 3.13), the rest is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { translatePattern } from "../../src/model/python-pattern.ts";

function findAll(pattern: string, text: string): readonly string[] {
  const translation = translatePattern(pattern);
  assert.equal(translation.kind, "pattern");
  if (translation.kind !== "pattern") return [];
  const { source, group } = translation;
  return [...text.matchAll(new RegExp(source, "gv"))].map((match) => (group ? (match[1] ?? "") : match[0]));
}

const found: readonly (readonly [pattern: string, text: string, words: readonly string[]])[] = [
  ["(?u)\\b\\w\\w+\\b", "Don't stop-me x_1 é", ["Don", "stop", "me", "x_1"]],
  ["[^\\W\\d_]+", "ab1c_dé ²x", ["ab", "c", "dé", "²x"]],
  ["\\S{2,}", "a\u00a0bc\x1cde f", ["bc", "de"]],
  ["\\b[a-z]+(?:-[a-z]+)?\\b", "co-op x-1 été", ["co-op", "x"]],
  ["a|bc|", "abcx", ["a", "bc", "", ""]],
  ["[\\w.+-]+@[\\w-]+", "to a.b+c@d-e.f", ["a.b+c@d-e"]],
  ["\\B\\w", "ab c", ["b"]],
  ["x$", "ax\n", ["x"]],
  ["[]a-]+", "a]-b", ["a]-"]],
  ["(\\w)\\w+", "alpha b gamma", ["a", "g"]],
];

for (const [pattern, text, words] of found) {
  test(`${pattern} finds what Python finds`, () => {
    assert.deepEqual(findAll(pattern, text), words);
  });
}

test("refuses what could backtrack for ever, or means something else in Python", () => {
  const refused = [
    "(a+)+",
    "(?:a*b?){2,}",
    "(?:a|a)*b",
    "(a?)+b",
    "(?:a|b|ab)*c",
    "a*b*c*d*",
    "(?i)a",
    "(?P<n>a)",
    "a++",
    "(a)(b)",
    "\\Aa",
    "a\\",
    "[a",
    "(a",
    "a)",
    "*a",
  ];
  for (const pattern of refused) assert.equal(translatePattern(pattern).kind, "refused", pattern);
  assert.equal(translatePattern("a".repeat(1001)).kind, "refused");
  assert.equal(translatePattern(`${"(".repeat(30)}a${")".repeat(30)}`).kind, "refused");
});

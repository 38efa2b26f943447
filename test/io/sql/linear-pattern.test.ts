// Regular expressions without back-tracking: what they match is what JavaScript's match, and nothing makes them slow.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { linearPattern } from "../../../src/io/sql/linear-pattern.ts";

const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "\\w", "\\d", "^", "$", "\\b", "(a*b)");
const piece = fc
  .tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", "+?"))
  .filter(([text, quantifier]) => quantifier === "" || !["^", "$", "\\b"].includes(text))
  .map((parts) => parts.join(""));
const expression = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(""));

test("a pattern matches what the language's own matches", () => {
  fc.assert(
    fc.property(
      fc.array(expression, { minLength: 1, maxLength: 3 }).map((branches) => branches.join("|")),
      fc.string({ unit: fc.constantFrom("a", "b", "1", " ", "c"), maxLength: 8 }),
      (source, text) => {
        assert.equal(linearPattern(source)?.test(text), new RegExp(source, "u").test(text), `${source} on ${text}`);
      },
    ),
    { numRuns: 3000, seed: 7 },
  );
});

test("classes, ranges, escapes, names and case are understood", () => {
  for (const [source, text, isMatch] of [
    ["^tr-[0-9a-f]+$", "tr-0af9", true],
    ["^tr-[0-9a-f]+$", "tr-0afg", false],
    ["(?i)ERROR", "an Error", true],
    ["^a{,2}b$", "aab", true],
    ["[]a]", "]", true],
    ["[\\w.-]+@x", "a.b-c@x", true],
    ["(?P<name>é+)", "née", true],
    ["\\.json$", "a.json", true],
    ["a\\{2", "a{2", true],
    ["^$", "", true],
    ["😀{2}", "😀😀", true],
  ] as const) {
    assert.equal(linearPattern(source)?.test(text), isMatch, `${source} on ${text}`);
  }
});

test("what needs more than states, or is no expression, is refused", () => {
  for (const source of ["(a)\\1", "(?=a)", "(?<!a)", "a**", "(a", "a)", "[a", "*a", "a{9,2}", "a{1,999}", "\\q", "a++"])
    assert.equal(linearPattern(source), null, source);
  assert.equal(linearPattern("a".repeat(501)), null);
  assert.equal(linearPattern("(((a{100}){100}){100})"), null);
});

test("no expression is slow", { timeout: 20_000 }, () => {
  const text = "a".repeat(20_000);
  for (const source of ["(a+)+$b", "(a|a)*b", "(a|aa)+$c", "(.*a){20}b", "^(([a-z])+.)+[A-Z]([a-z])+$"]) {
    assert.equal(linearPattern(source)?.test(text), false, source);
  }
});

// Regular expressions as a tree. What needs more than states (back references, looking around) is refused.
//
//   expression = branch ("|" branch)*      branch = piece*      piece = atom (quantifier "?"?)?
//   quantifier = "*" | "+" | "?" | "{" m ("," n?)? "}"
//   atom       = sign | "." | "[" "^"? (sign | sign "-" sign | escape)+ "]" | "(" ("?:" | "?P<" name ">")? expression ")"
//              | "^" | "$" | escape        "(?i)" may stand before all

const maxRepeats = 100;

/** The expression is none, or one that is refused. */
export class NoPattern extends Error {}

export type Sign = (code: number) => boolean;
export type Place = "begin" | "end" | "edge" | "inside";
export type PatternNode =
  | { readonly kind: "sign"; readonly is: Sign }
  | { readonly kind: "place"; readonly at: Place }
  | { readonly kind: "all"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "any"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly min: number; readonly max: number };

const isDigit: Sign = (code) => /\p{Nd}/u.test(String.fromCodePoint(code));
export const isWord: Sign = (code) => code === 0x5f || /[\p{L}\p{N}]/u.test(String.fromCodePoint(code));
const isBlank: Sign = (code) => /\s/u.test(String.fromCodePoint(code));
const not =
  (is: Sign): Sign =>
  (code) =>
    !is(code);
const classes: Readonly<Record<string, Sign>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isBlank,
  S: not(isBlank),
};
const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v" };
const places: Readonly<Record<string, Place>> = { A: "begin", Z: "end", b: "edge", B: "inside" };

/** @throws NoPattern */
export function parsePattern(source: string): PatternNode {
  const isAnyCase = source.startsWith("(?i)");
  return new Parser([...(isAnyCase ? source.slice(4) : source)], isAnyCase).whole();
}

class Parser {
  readonly #signs: readonly string[];
  readonly #isAnyCase: boolean;
  #at = 0;

  constructor(signs: readonly string[], isAnyCase: boolean) {
    this.#signs = signs;
    this.#isAnyCase = isAnyCase;
  }

  whole(): PatternNode {
    const node = this.#branches(0);
    if (this.#at < this.#signs.length) throw new NoPattern();
    return node;
  }

  #branches(depth: number): PatternNode {
    if (depth > 50) throw new NoPattern();
    const parts = [this.#branch(depth)];
    while (this.#takes("|")) parts.push(this.#branch(depth));
    return parts.length === 1 ? (parts[0] as PatternNode) : { kind: "any", parts };
  }

  #branch(depth: number): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#signs.length && !"|)".includes(this.#signs[this.#at] ?? "")) {
      parts.push(this.#repeated(this.#atom(depth)));
    }
    return { kind: "all", parts };
  }

  #repeated(part: PatternNode): PatternNode {
    const range = this.#range();
    if (range === null) return part;
    this.#takes("?");
    if ("*+?".includes(this.#signs[this.#at] ?? "none") || part.kind === "place") throw new NoPattern();
    return { kind: "repeat", part, ...range };
  }

  #range(): { readonly min: number; readonly max: number } | null {
    if (this.#takes("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#takes("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#takes("?")) return { min: 0, max: 1 };
    const rest = this.#signs.slice(this.#at, this.#at + 9).join("");
    const found = /^\{(\d{0,3})(,?)(\d{0,3})\}/.exec(rest);
    // As elsewhere: a brace that opens no range is itself.
    if (found === null || (found[1] === "" && found[3] === "")) return null;
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === "" ? min : found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > maxRepeats || (max !== Number.POSITIVE_INFINITY && max > maxRepeats) || max < min) throw new NoPattern();
    return { min, max };
  }

  #atom(depth: number): PatternNode {
    const sign = this.#next();
    switch (sign) {
      case "(": {
        if (this.#takes("?")) this.#group();
        const node = this.#branches(depth + 1);
        if (!this.#takes(")")) throw new NoPattern();
        return node;
      }
      case "[":
        return { kind: "sign", is: this.#class() };
      case ".":
        return { kind: "sign", is: (code) => code !== 0x0a };
      case "^":
        return { kind: "place", at: "begin" };
      case "$":
        return { kind: "place", at: "end" };
      case "*":
      case "+":
      case "?":
        throw new NoPattern();
      case "\\": {
        const place = places[this.#signs[this.#at] ?? ""];
        if (place === undefined) return { kind: "sign", is: this.#escape() };
        this.#at++;
        return { kind: "place", at: place };
      }
      default:
        return { kind: "sign", is: this.#one(sign) };
    }
  }

  #group(): void {
    if (this.#takes(":")) return;
    const name = /^P?<[A-Za-z_]\w{0,30}>/.exec(this.#signs.slice(this.#at, this.#at + 40).join(""));
    if (name === null) throw new NoPattern();
    this.#at += name[0].length;
  }

  #escape(): Sign {
    const sign = this.#next();
    if (Object.hasOwn(classes, sign)) return classes[sign] as Sign;
    if (Object.hasOwn(controls, sign)) return this.#one(controls[sign] ?? "");
    // Digits would be back references, letters mean what we do not know.
    if (/[A-Za-z0-9]/.test(sign)) throw new NoPattern();
    return this.#one(sign);
  }

  #class(): Sign {
    const isOther = this.#takes("^");
    const parts: Sign[] = [];
    for (let first = true; first || this.#signs[this.#at] !== "]"; first = false) {
      const from = this.#next();
      if (from === "\\" && !Object.hasOwn(controls, this.#signs[this.#at] ?? "") && this.#signs[this.#at] !== "-") {
        parts.push(this.#escape());
        continue;
      }
      const low = from === "\\" ? (controls[this.#signs[this.#at] ?? ""] ?? "-") : from;
      if (from === "\\") this.#at++;
      const isRange = this.#signs[this.#at] === "-" && this.#signs[this.#at + 1] !== "]";
      if (!isRange) {
        parts.push(this.#one(low));
        continue;
      }
      this.#at++;
      const high = this.#next();
      if (high === "\\" || codeOf(high) < codeOf(low)) throw new NoPattern();
      parts.push(this.#between(codeOf(low), codeOf(high)));
    }
    this.#at++;
    const is: Sign = (code) => parts.some((part) => part(code));
    return isOther ? not(is) : is;
  }

  #one(sign: string): Sign {
    return this.#between(codeOf(sign), codeOf(sign));
  }

  #between(low: number, high: number): Sign {
    const is: Sign = (code) => code >= low && code <= high;
    if (!this.#isAnyCase) return is;
    return (code) => {
      const sign = String.fromCodePoint(code);
      return is(code) || is(codeOf(sign.toLowerCase())) || is(codeOf(sign.toUpperCase()));
    };
  }

  #next(): string {
    const sign = this.#signs[this.#at];
    if (sign === undefined) throw new NoPattern();
    this.#at++;
    return sign;
  }

  #takes(sign: string): boolean {
    const is = this.#signs[this.#at] === sign;
    if (is) this.#at++;
    return is;
  }
}

function codeOf(sign: string): number {
  return sign.codePointAt(0) ?? -1;
}

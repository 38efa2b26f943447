// The few Python literals that a .npy header is made of.
//
// value  := string | integer | "True" | "False" | "None" | tuple | list | dict
// string := ' … ' | " … " with the escapes \\ \' \" (others are refused)
// tuple  := "(" [value ("," value)* [","]] ")"     list := "[" … "]"     dict := "{" [value ":" value, …] "}"
import { arrayError } from "./array-errors.ts";

export type Literal = string | number | boolean | null | Literal[] | Map<Literal, Literal>;

const maxDepth = 64;

/** Reads the whole text; spaces and line feeds may stand between tokens. @throws ARRAY_INVALID */
export function parseLiteral(text: string, path: string): Literal {
  const parser = new LiteralParser(text, path);
  const value = parser.value(0);
  parser.skipSpace();
  if (!parser.atEnd()) throw arrayError(path, "its header is wrong");
  return value;
}

class LiteralParser {
  private readonly text: string;
  private readonly path: string;
  private at = 0;

  constructor(text: string, path: string) {
    this.text = text;
    this.path = path;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    while (" \n\t".includes(this.text[this.at] ?? "x")) this.at++;
  }

  value(depth: number): Literal {
    if (depth > maxDepth) throw this.wrong();
    this.skipSpace();
    const first = this.text[this.at];
    if (first === "'" || first === '"') return this.string(first);
    if (first === "(") return this.sequence(")", depth);
    if (first === "[") return this.sequence("]", depth);
    if (first === "{") return this.dict(depth);
    return this.word();
  }

  private string(quote: string): string {
    let out = "";
    for (this.at++; ; this.at++) {
      const char = this.text[this.at];
      if (char === undefined || char === "\n") throw this.wrong();
      if (char === quote) break;
      if (char !== "\\") {
        out += char;
        continue;
      }
      const escaped = this.text[++this.at];
      if (escaped !== "\\" && escaped !== "'" && escaped !== '"') throw this.wrong();
      out += escaped;
    }
    this.at++;
    return out;
  }

  private sequence(close: string, depth: number): Literal[] {
    const items: Literal[] = [];
    this.at++;
    while (!this.closes(close)) {
      items.push(this.value(depth + 1));
      this.comma(close);
    }
    return items;
  }

  private dict(depth: number): Map<Literal, Literal> {
    const entries = new Map<Literal, Literal>();
    this.at++;
    while (!this.closes("}")) {
      const key = this.value(depth + 1);
      this.skipSpace();
      if (this.text[this.at++] !== ":" || entries.has(key)) throw this.wrong();
      entries.set(key, this.value(depth + 1));
      this.comma("}");
    }
    return entries;
  }

  private closes(close: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== close) return false;
    this.at++;
    return true;
  }

  private comma(close: string): void {
    this.skipSpace();
    if (this.text[this.at] === ",") this.at++;
    else if (this.text[this.at] !== close) throw this.wrong();
  }

  private word(): Literal {
    const word = /^(?:True|False|None|-?\d{1,16}L?)/.exec(this.text.slice(this.at, this.at + 18))?.[0];
    if (word === undefined) throw this.wrong();
    this.at += word.length;
    if (word === "True" || word === "False") return word === "True";
    return word === "None" ? null : Number.parseInt(word, 10);
  }

  private wrong(): Error {
    return arrayError(this.path, `its header is wrong at character ${this.at}`);
  }
}

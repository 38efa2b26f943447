// JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` may stand where a number may. They are read as those texts, which
// is how protobuf's JSON spells them.

/** @throws SyntaxError */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const mended = quoteSpecialNumbers(text);
    if (mended === null) throw error;
    return JSON.parse(mended) as unknown;
  }
}

/** Null when there is none outside of strings. One pass, whatever the text is. */
function quoteSpecialNumbers(text: string): string | null {
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    const found = ["-Infinity", "Infinity", "NaN"].find((word) => text.startsWith(word, at));
    if (found === undefined) continue;
    pieces.push(text.slice(kept, at), `"${found}"`);
    kept = at + found.length;
    at = kept - 1;
  }
  return pieces.length === 0 ? null : pieces.join("") + text.slice(kept);
}

/** The index of the closing quote, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

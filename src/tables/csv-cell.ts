// The cells of CSV are text; what they mean is the schema's word. A cell that cannot be read as its type stays text, so that whoever
// validates the row says which field it was.

/**
 * How the cells of a column are read; an empty one is null in every case.
 *
 * - `number`: a decimal number as programs write it, `nan` and `inf` included
 * - `boolean`: `true` or `false` in any case
 * - `text`: as it stands
 * - `json`: a list or an object as JSON
 * - `any`: a number where the text is its shortest form (`007` is text), else text
 */
export type CellType = "number" | "boolean" | "text" | "json" | "any";

export function readCell(text: string, type: CellType): unknown {
  if (text === "") return null;
  switch (type) {
    case "number":
      return numberOf(text) ?? text;
    case "boolean":
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text;
    case "text":
      return text;
    case "json":
      return jsonOf(text);
    case "any": {
      const value = numberOf(text);
      return value !== undefined && String(value) === text ? value : text;
    }
  }
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const words: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
]);

function numberOf(text: string): number | bigint | undefined {
  const trimmed = text.trim();
  if (decimal.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isInteger(value) && !Number.isSafeInteger(value) && /^[+-]?\d+$/.test(trimmed)
      ? BigInt(trimmed.replace(/^\+/, ""))
      : value;
  }
  const [, sign, word] = /^([+-]?)([a-z]+)$/i.exec(trimmed) ?? [];
  const value = words.get(word?.toLowerCase() ?? "");
  return value === undefined ? undefined : sign === "-" ? -value : value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// What a value is called in messages: its type, never itself.

/** The JSON name of a value's type, for messages; never the value. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "number" && !Number.isFinite(value)) return "a number that is not finite";
  return `a ${typeof value}`;
}

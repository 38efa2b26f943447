// Any plain value as JSON text, with the number rules of `number-text.ts`. Keys keep their order; undefined is left out.
import { doubleText } from "./number-text.ts";

export function jsonValueText(value: unknown): string {
  switch (typeof value) {
    case "number":
      return doubleText(value);
    case "string":
      return JSON.stringify(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(jsonValueText).join(",")}]`;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : `"${value.toISOString()}"`;
      let text = "{";
      const members = value as Readonly<Record<string, unknown>>;
      for (const key of Object.keys(members)) {
        const member = members[key];
        if (member === undefined) continue;
        text += `${text.length > 1 ? "," : ""}${JSON.stringify(key)}:${jsonValueText(member)}`;
      }
      return `${text}}`;
    }
    default:
      return "null";
  }
}

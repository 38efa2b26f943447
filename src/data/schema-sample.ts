// A made-up row that fits a schema's types and bounds: what documents show and `check` uses where a definition has no example.
import type { Schema } from "./field.ts";
import type { FieldSpec } from "./field-spec.ts";
import type { Row } from "./schema-row.ts";

/** A row as it is after reading. Texts fit their length, not their pattern. Deterministic. */
export function sampleRow(schema: Schema): Row {
  return Object.fromEntries(Object.entries(schema).map(([name, field]) => [name, sampleValue(field.spec)]));
}

export function sampleValue(spec: FieldSpec): unknown {
  switch (spec.kind) {
    case "number":
      return clamp(1.5, spec);
    case "integer":
      return Math.ceil(clamp(1, spec));
    case "string":
      return "text".padEnd(spec.minLength ?? 0, "-").slice(0, spec.maxLength);
    case "boolean":
      return true;
    case "category":
      return spec.values[0];
    case "timestamp":
      return new Date(spec.min ?? spec.max ?? "2021-03-01T08:30:00Z");
    case "date":
      return spec.min ?? spec.max ?? "2021-03-01";
    case "list":
      return Array.from({ length: Math.max(1, spec.minItems ?? 0) }, () => sampleValue(spec.of));
    case "object":
      return Object.fromEntries(Object.entries(spec.fields).map(([name, inner]) => [name, sampleValue(inner)]));
  }
}

function clamp(value: number, { min, max }: { readonly min?: number; readonly max?: number }): number {
  return Math.min(Math.max(value, min ?? value), max ?? Number.POSITIVE_INFINITY);
}

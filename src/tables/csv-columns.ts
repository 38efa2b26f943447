// How the columns of a CSV file are read for rows that a definition, or a model served alone, will take.
import type { Schema } from "../data/field.ts";
import type { FieldSpec } from "../data/field-spec.ts";
import type { InputType, ModelInput } from "../data/model-input.ts";
import type { CellType } from "./csv-cell.ts";
import type { CsvColumn } from "./csv-reader.ts";

/** A column that nobody declares is text. An empty cell of a field that may not be null, but may be left out, is left out. */
export function columnsOfSchema(schema: Schema): (header: string) => CsvColumn {
  return (header) => {
    const spec = Object.hasOwn(schema, header) ? schema[header]?.spec : undefined;
    if (spec === undefined) return { type: "text", empty: "null" };
    const empty = !spec.nullable && spec.presence !== "required" ? "absent" : "null";
    return { type: cellTypeOf(spec), empty };
  };
}

function cellTypeOf(spec: FieldSpec): CellType {
  switch (spec.kind) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "category":
      return typeof spec.values[0] === "number" ? "number" : typeof spec.values[0] === "boolean" ? "boolean" : "text";
    case "string":
    case "timestamp":
    case "date":
      return "text";
    case "list":
    case "object":
      return "json";
  }
}

export function columnsOfInput(input: ModelInput): (header: string) => CsvColumn {
  const types = new Map<string, CellType>();
  if (input.kind === "records") {
    for (const { name, numeric, categories } of input.features) {
      types.set(name, !numeric ? "text" : categories.length === 0 ? "number" : "any");
    }
  } else for (const { name, type } of input.columns) types.set(name, byInputType[type]);
  const others: CellType = input.kind === "matrix" ? "number" : "text";
  return (header) => ({ type: types.get(header) ?? others, empty: "null" });
}

const byInputType: { readonly [Type in InputType]: CellType } = {
  number: "number",
  integer: "number",
  string: "text",
  boolean: "boolean",
  any: "any",
};

// The columns of a file that a model served alone takes: by its own names, or all of them by position.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import { sqlName } from "../../tables/sql-engine.ts";
import { type FieldPlan, type FileColumns, missingColumn } from "./input-fields.ts";

export interface BareFields {
  readonly fields: readonly FieldPlan[];
  /** Rows are arrays. */
  readonly isPositional: boolean;
}

/** @throws BATCH_COLUMN, BATCH_DEFINITION */
export function bareFields(input: ModelInput, file: FileColumns): BareFields {
  const names = [...file.columns.keys()];
  const plan = (wanted: readonly string[]): readonly FieldPlan[] =>
    wanted.map((name) => bareField(name, file.columns.get(name) ?? ""));
  if (input.kind === "records") {
    const wanted = input.features.map(({ name }) => name).filter((name) => file.columns.has(name));
    // A vectorizer goes without any one of its features, not without all of them.
    const [first] = input.features;
    if (wanted.length === 0 && first !== undefined) throw missingColumn(first.name, file, "the model takes");
    return { fields: plan(wanted), isPositional: false };
  }
  if (input.named) {
    for (const { name, optional } of input.columns) {
      if (optional !== true && !file.columns.has(name)) throw missingColumn(name, file, "the model takes");
    }
    return {
      fields: plan(input.columns.map(({ name }) => name).filter((name) => file.columns.has(name))),
      isPositional: false,
    };
  }
  if (input.kind === "matrix" && input.anyWidth === true) return { fields: plan(names), isPositional: true };
  if (names.length !== input.columns.length) {
    const problem = `it knows its ${input.columns.length} columns by position only, and ${file.name} has ${names.length}`;
    throw trimaranError("BATCH_DEFINITION", { name: "of a model alone", problem });
  }
  return { fields: plan(names), isPositional: true };
}

function bareField(name: string, type: string): FieldPlan {
  const column = sqlName(name);
  const empty = { kind: "null" } as const;
  const number = `coalesce(CAST(${column} AS DOUBLE), 'nan'::DOUBLE)`;
  if (/^(U?(TINYINT|SMALLINT|INTEGER)|FLOAT|DOUBLE)$/.test(type)) {
    return { name, mode: "number", value: number, screen: null, empty };
  }
  if (type === "BOOLEAN") return { name, mode: "boolean", value: number, screen: null, empty };
  if (type === "VARCHAR") return { name, mode: "text", value: column, screen: null, empty };
  return { name, mode: "cell", value: column, screen: null, empty };
}

// What several members take of the same columns, as one input.
import type { InputColumn, InputType, ModelInput } from "../../data/model-input.ts";

/** How one member uses a column. */
export interface ColumnUse {
  readonly type: InputType;
  readonly nullable: boolean;
}

/** What a member takes of the columns at hand, in the order that it gets them; null where it takes no columns. */
export function usesOf(input: ModelInput): readonly ColumnUse[] | null {
  return input.kind === "records" ? null : input.columns.map(({ type, nullable }) => ({ type, nullable }));
}

export interface MergeOptions {
  readonly names: readonly string[];
  readonly named: boolean;
  /** By column. */
  readonly uses: readonly (readonly ColumnUse[])[];
  /** The type of a column that nobody uses. */
  readonly unused: InputType;
}

/** A matrix where all columns are numbers, else a table. */
export function mergedInput({ names, named, uses, unused }: MergeOptions): ModelInput {
  const columns = names.map((name, index): InputColumn => {
    const [first, ...others] = uses[index] ?? [];
    if (first === undefined) return { name, type: unused, nullable: true, optional: true };
    const type = others.every((use) => use.type === first.type) ? first.type : "any";
    return { name, type, nullable: first.nullable && others.every((use) => use.nullable) };
  });
  return { kind: columns.every(({ type }) => type === "number") ? "matrix" : "table", named, columns };
}

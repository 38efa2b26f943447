// What a signature adds to a model's input: names where the model itself has none, types, and which columns may be missing. It
// is taken only where it fits what the model holds; where it does not, the model is right and a note says so.
import type { InputColumn, InputType, ModelInput } from "../../data/model-input.ts";
import type { Signature, SignatureField } from "../../mlflow/signature.ts";

export interface SignedInput {
  readonly input: ModelInput;
  readonly notes: readonly string[];
}

export function withSignature(input: ModelInput, signature: Signature): SignedInput {
  const { inputs } = signature;
  if (input.kind === "records" || inputs === null || inputs.length === 0) return { input, notes: [] };
  const columns = inputs.filter((field) => field.kind === "column");
  if (columns.length === 0) return { input, notes: tensorNotes(input.columns, inputs) };
  const matched = columns.length === inputs.length ? matchColumns(input, columns) : null;
  if (matched === null) return { input, notes: ["its signature has other columns than the model itself"] };
  const names = matched.map(({ field }) => field.name);
  const named = input.named || names.every((name) => name !== null);
  return {
    notes: [],
    input: {
      ...input,
      named,
      columns: matched.map(({ column, field }, index) => ({
        name: named ? (names[index] ?? column.name) : column.name,
        type: narrowed(column.type, field.type),
        nullable: column.nullable || !field.required,
      })),
    },
  };
}

type ColumnField = Extract<SignatureField, { readonly kind: "column" }>;

interface Match {
  readonly column: InputColumn;
  readonly field: ColumnField;
}

/** By name where the model has names, else by position; null where they are not the same columns. */
function matchColumns(
  input: Exclude<ModelInput, { readonly kind: "records" }>,
  fields: readonly ColumnField[],
): readonly Match[] | null {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const isNamed = byName.size === fields.length && !byName.has(null);
  if (!input.named) {
    if (fields.length !== input.columns.length || (!isNamed && fields.some(({ name }) => name !== null))) return null;
    return input.columns.flatMap((column, index) => {
      const field = fields[index];
      return field === undefined ? [] : [{ column, field }];
    });
  }
  const matched = input.columns.flatMap((column) => {
    const field = byName.get(column.name);
    return field === undefined ? [] : [{ column, field }];
  });
  return matched.length === input.columns.length ? matched : null;
}

const inputTypes: ReadonlyMap<string, InputType> = new Map([
  ["integer", "integer"],
  ["long", "integer"],
  ["float", "number"],
  ["double", "number"],
  ["string", "string"],
  ["boolean", "boolean"],
]);

/** A column stays numbers or cells, as the model's own operations expect it; within that the signature may say more. */
function narrowed(own: InputType, written: string): InputType {
  const type = inputTypes.get(written);
  if (type === undefined || own === type) return own;
  if (own === "number" && type === "integer") return type;
  return own === "any" && (type === "string" || type === "boolean") ? type : own;
}

function tensorNotes(columns: readonly InputColumn[], inputs: readonly SignatureField[]): readonly string[] {
  const [first] = inputs;
  if (inputs.length !== 1 || first?.kind !== "tensor") return [];
  const width = first.shape.at(-1) ?? -1;
  const fits = first.shape.length !== 2 || width < 0 || width === columns.length;
  return fits ? [] : [`its signature has ${width} columns, the model itself ${columns.length}`];
}

// The examples of a definition: read by its own schemas, so that an example which could never be sent is found at once.
import type { Issue } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import { compileRow } from "../data/compile-row.ts";
import type { Schema } from "../data/field.ts";
import { makeField } from "../data/field-builders.ts";
import type { RowNotes } from "../data/schema-row.ts";
import { checkShape, invalidOption, isRecord } from "./options-check.ts";
import type { ResolvedExample } from "./resolved-deployment.ts";

const exampleShapes = {
  input: "object",
  features: "object",
  output: "object",
  tolerance: "not negative",
  version: "text",
} as const;

/** `input` stays as it was written (it is shown and sent); `output` is as it is answered. Both must fit. */
export function resolveExamples(
  value: unknown,
  input: Schema,
  output: Schema,
): { readonly examples: readonly ResolvedExample[]; readonly issues: readonly Issue[] } {
  if (value === undefined) return { examples: Object.freeze([]), issues: [] };
  const readInput = compileRow(input, { unknownFields: "reject", label: "The example's input" });
  const readOutput = compileRow(partial(output), { unknownFields: "reject", label: "The example's output" });
  const notes: RowNotes = { issues: [], warnings: new Map() };
  const examples = (value as readonly unknown[]).map((example, index): ResolvedExample | null => {
    const path = `/examples/${index}`;
    const problems = checkShape(example, exampleShapes, { path, what: "An example" });
    notes.issues.push(...problems);
    if (!isRecord(example) || problems.length > 0) return null;
    if (example["input"] === undefined) {
      notes.issues.push(invalidOption(path, "An example needs an input."));
      return null;
    }
    readInput(example["input"], notes, `${path}/input`);
    const answered = example["output"] === undefined ? null : readOutput(example["output"], notes, `${path}/output`);
    return Object.freeze({
      input: Object.freeze({ ...(example["input"] as object) }),
      features: (example["features"] as FeatureRow | undefined) ?? null,
      output: answered ?? null,
      tolerance: (example["tolerance"] as number | undefined) ?? 0,
      version: (example["version"] as string | undefined) ?? null,
    });
  });
  return { examples: Object.freeze(examples.filter((example) => example !== null)), issues: notes.issues };
}

/** An example may give some of the outputs only. */
function partial(schema: Schema): Schema {
  const entries = Object.entries(schema).map(([name, field]) => {
    const { default: _, ...spec } = field.spec;
    return [name, makeField({ ...spec, presence: "optional" })];
  });
  return Object.fromEntries(entries);
}

// Rows to warm a version with: its examples, else made up from what it takes.
import type { InputColumn, ModelInput } from "../../data/model-input.ts";
import { sampleRow } from "../../data/schema-sample.ts";
import type { PredictionService } from "../prediction-service.ts";

export function warmRows(service: PredictionService): readonly unknown[] {
  const { deployment } = service;
  if (deployment === null) return modelRows(service.input);
  const examples = deployment.examples.map(({ input }) => input);
  return examples.length > 0 ? examples : [toSent(sampleRow(deployment.input))];
}

/** A row as it would be sent: an instant as text. */
function toSent(row: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify(row));
}

/** Several of them, so that more than one way through a tree is taken. */
function modelRows(input: ModelInput): readonly unknown[] {
  return [0, 1, 2, 7, 40].map((seed) => modelRow(input, seed));
}

function modelRow(input: ModelInput, seed: number): unknown {
  if (input.kind === "records") {
    if (input.items !== undefined) return input.items === "strings" ? [String(seed)] : [[String(seed), seed + 0.5]];
    return Object.fromEntries(
      input.features.map(({ name, numeric, categories }) => {
        const text = categories[seed % Math.max(1, categories.length)];
        return [name, numeric || text === undefined ? seed + 0.5 : text];
      }),
    );
  }
  if (input.kind === "matrix" && input.anyWidth === true) return [seed + 0.5, seed + 1.5];
  if (!input.named) return input.columns.map((column) => cellOf(column, seed));
  return Object.fromEntries(input.columns.map((column) => [column.name, cellOf(column, seed)]));
}

function cellOf({ type }: InputColumn, seed: number): unknown {
  switch (type) {
    case "number":
    case "any":
      return seed + 0.5;
    case "integer":
      return seed;
    case "string":
      return String(seed);
    case "boolean":
      return seed % 2 === 1;
  }
}

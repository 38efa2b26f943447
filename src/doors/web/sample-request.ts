// A request that works, with the answer that it gets: the definition's first example, or a made-up row.
import { jsonValueText } from "../../data/json-value-text.ts";
import { sampleRow } from "../../data/schema-sample.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { rowText } from "./answer-text.ts";

export interface AnsweredSample {
  readonly body: string;
  readonly answer: string;
}

/** null where there is nothing to show: the row would not be answered, or is too wide for a line. */
export async function sampleRequest(service: PredictionService): Promise<AnsweredSample | null> {
  const row = exampleRow(service);
  const body = jsonValueText(row);
  const answers = await service.answer([row]);
  if (answers.issues.length > 0 || body.length > maxBodyChars) return null;
  return { body, answer: rowText(answers, 0) };
}

const maxBodyChars = 2000;

function exampleRow({ deployment, input }: PredictionService): unknown {
  if (deployment !== null) return deployment.examples[0]?.input ?? sampleRow(deployment.input);
  if (input.kind === "matrix" && input.anyWidth === true) return [1, 1];
  if (input.kind === "records") {
    if (input.items !== undefined)
      return input.items === "strings"
        ? ["a", "b"]
        : [
            ["a", 1],
            ["b", 1],
          ];
    const values = input.features.map(({ name, categories }) => [name, categories[0] ?? 1]);
    return Object.fromEntries(values);
  }
  const cells = input.columns.map(({ name, type }) => [name, sampleCells[type]] as const);
  return input.named ? Object.fromEntries(cells) : cells.map(([, value]) => value);
}

const sampleCells = { number: 1, integer: 1, string: "a", boolean: true, any: 1 } as const;

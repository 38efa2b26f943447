// A request that works, as a line to paste, with the answer that it gets: the definition's first example, or a made-up row.

import { jsonValueText } from "../data/json-value-text.ts";
import { sampleRow } from "../data/schema-sample.ts";
import { rowText } from "../doors/web/answer-text.ts";
import type { PredictionService } from "../serving/prediction-service.ts";

export interface FirstRequest {
  readonly line: string;
  readonly answer: string;
}

/** null where there is nothing to show: the row would not be answered, or is too wide for a line. */
export async function firstRequest(service: PredictionService, port: number): Promise<FirstRequest | null> {
  const row = exampleRow(service);
  const answers = await service.answer([row]);
  const body = jsonValueText(row);
  if (answers.issues.length > 0 || body.length > maxBodyChars) return null;
  return {
    line: `curl -X POST http://localhost:${port}/predict -H "Content-Type: application/json" -d ${shellQuoted(body)}`,
    answer: rowText(answers, 0),
  };
}

const maxBodyChars = 2000;

function exampleRow({ deployment, input }: PredictionService): unknown {
  if (deployment !== null) return deployment.examples[0]?.input ?? sampleRow(deployment.input);
  if (input.kind === "records") {
    const values = input.features.map(({ name, categories }) => [name, categories[0] ?? 1]);
    return Object.fromEntries(values);
  }
  const cells = input.columns.map(({ name, type }) => [name, sampleCells[type]] as const);
  return input.named ? Object.fromEntries(cells) : cells.map(([, value]) => value);
}

const sampleCells = { number: 1, integer: 1, string: "a", boolean: true, any: 1 } as const;

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

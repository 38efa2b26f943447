// A table for a definition, or for a model without a signature → rows: by name where both sides have names, else by position.
import { trimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { ScoringTable } from "./scoring-table.ts";

/** @throws SCORING_EVALUATE */
export function rowsByName(table: ScoringTable, service: PredictionService): readonly unknown[] {
  if (table.ragged) {
    throw trimaranError("SCORING_EVALUATE", { problem: "The columns are of different lengths." });
  }
  const names = table.names ?? positionalNames(table, service);
  if (names === null) return table.rows;
  return table.rows.map((row) => {
    const members: [string, unknown][] = [];
    for (const [index, name] of names.entries()) {
      const cell = row[index];
      if (cell !== undefined) members.push([name, cell]);
    }
    // Makes `__proto__` an own key.
    return Object.fromEntries(members);
  });
}

/** Null: the rows go on as arrays. */
function positionalNames(table: ScoringTable, { deployment }: PredictionService): readonly string[] | null {
  // Rows by position belong to a definition's fields in their order.
  if (deployment === null) return null;
  const fields = Object.keys(deployment.input);
  return table.rows.every((row) => row.length === fields.length) ? fields : null;
}

/** For a model without column names what pandas calls its columns says nothing. */
export function rowsOfBareModel(table: ScoringTable, service: PredictionService): readonly unknown[] {
  const { input } = service;
  if (input.kind === "records") return rowsByName(table, service);
  if (!input.named || table.names === null) return table.ragged ? rowsByName(table, service) : table.rows;
  const known = new Set(input.columns.map(({ name }) => name));
  const unknown = table.names.filter((name) => !known.has(name));
  // scikit-learn refuses these too.
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(", ");
    throw trimaranError("SCORING_EVALUATE", {
      problem: `The feature names should match those that were passed during fit. Feature names unseen at fit time: ${names}.`,
    });
  }
  return rowsByName(table, service);
}

// Data sets that runs used, and the edges between runs, data sets and logged models.
import { randomUUID } from "node:crypto";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput, MessageOf } from "../../mlflow/wire/field-type.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";

export async function putDatasets(
  statements: Statements,
  { runId, experimentId }: { readonly runId: string; readonly experimentId: number },
  inputs: readonly MessageOf<"DatasetInput">[],
): Promise<void> {
  for (const { dataset, tags } of inputs) {
    const id = await datasetId(statements, experimentId, dataset);
    const input = await putEdge(statements, { from: ["DATASET", id], to: ["RUN", runId], step: 0 });
    for (const { key, value } of tags) {
      await statements.run("INSERT INTO input_tags (input_uuid, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [
        input,
        key,
        value,
      ]);
    }
  }
}

async function datasetId(statements: Statements, experimentId: number, dataset: MessageOf<"Dataset">): Promise<string> {
  const { name, digest, source_type, source, schema, profile } = dataset;
  const key = [experimentId, name, digest];
  const sql = "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?";
  const known = await statements.query(sql, key);
  if (known[0] !== undefined) return textOf(known[0], "dataset_uuid");
  const id = randomUUID().replaceAll("-", "");
  await statements.run(
    "INSERT INTO datasets (experiment_id, name, digest, dataset_uuid, dataset_source_type, dataset_source, dataset_schema, dataset_profile) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [...key, id, source_type, source, schema ?? null, profile ?? null],
  );
  return id;
}

export interface Edge {
  readonly from: readonly [string, string];
  readonly to: readonly [string, string];
  readonly step: number;
}

/** Gives the edge's identifier, also when it was there. */
export async function putEdge(statements: Statements, { from, to, step }: Edge): Promise<string> {
  const id = randomUUID().replaceAll("-", "");
  const added = await statements.run(
    "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, step) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [id, ...from, ...to, step],
  );
  if (added > 0) return id;
  const rows = await statements.query(
    "SELECT input_uuid FROM inputs WHERE source_type = ? AND source_id = ? AND destination_type = ? AND destination_id = ?",
    [...from, ...to],
  );
  return textOf(rows[0] ?? {}, "input_uuid");
}

export interface RunEdges {
  readonly inputs: MessageInput<"RunInputs">;
  readonly outputs: MessageInput<"RunOutputs">;
}

/** What each of the runs used and made. */
export async function edgesOf(statements: Statements, runIds: readonly string[]): Promise<(runId: string) => RunEdges> {
  const datasets = await queryIn(
    statements,
    `SELECT i.destination_id AS run_uuid, i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema, d.dataset_profile
     FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
     WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id IN (#)`,
    { ids: runIds },
  );
  const tags = grouped(
    await queryIn(statements, "SELECT input_uuid, name, value FROM input_tags WHERE input_uuid IN (#)", {
      ids: datasets.map((row) => textOf(row, "input_uuid")),
    }),
    "input_uuid",
  );
  const models = await queryIn(
    statements,
    `SELECT source_id AS run_uuid, source_type, destination_id AS model_id, step FROM inputs
     WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN (#)`,
    { ids: runIds },
  );
  const datasetsOf = grouped(datasets, "run_uuid");
  const modelsOf = grouped(models, "run_uuid");
  return (runId) => {
    const ofRun = modelsOf.get(runId) ?? [];
    return {
      inputs: {
        dataset_inputs: (datasetsOf.get(runId) ?? []).map((row) =>
          datasetInput(row, tags.get(textOf(row, "input_uuid")) ?? []),
        ),
        model_inputs: ofRun.filter(isType("RUN_INPUT")).map((row) => ({ model_id: textOf(row, "model_id") })),
      },
      outputs: {
        model_outputs: ofRun
          .filter(isType("RUN_OUTPUT"))
          .map((row) => ({ model_id: textOf(row, "model_id"), step: numberOf(row, "step") })),
      },
    };
  };
}

function isType(type: string): (row: SqlRow) => boolean {
  return (row) => row["source_type"] === type;
}

function datasetInput(row: SqlRow, tags: readonly SqlRow[]): MessageInput<"DatasetInput"> {
  return {
    tags: tags.map((tag) => ({ key: textOf(tag, "name"), value: textOf(tag, "value") })),
    dataset: {
      name: textOf(row, "name"),
      digest: textOf(row, "digest"),
      source_type: textOf(row, "dataset_source_type"),
      source: textOf(row, "dataset_source"),
      schema: optionalText(row, "dataset_schema"),
      profile: optionalText(row, "dataset_profile"),
    },
  };
}

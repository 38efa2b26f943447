// A training as a run: what it was made of, how good it is, what it learnt, and the model; registered where that was asked for.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoggedModel, logModel, registerModel } from "./log-model.ts";
import type { LoggedDataset, OpenRun } from "./open-run.ts";
import {
  type Trained,
  type TrainingFacts,
  trainingFiles,
  trainingMetrics,
  trainingParams,
} from "./training-records.ts";

export interface TrainingToLog extends Trained {
  readonly facts: TrainingFacts;
  readonly datasets: readonly LoggedDataset[];
  /** Null: the model gets no name. */
  readonly register: { readonly name: string; readonly alias: string | null } | null;
  readonly signal: AbortSignal;
}

export interface LoggedTraining {
  readonly model: LoggedModel;
  /** Of the registered model; null: it was not registered. */
  readonly version: string | null;
}

/** The run stays open. @throws TRACKING_*, ARTIFACT_*, BLOB_*, FILE_*; the signal's reason */
export async function logTraining(run: OpenRun, training: TrainingToLog): Promise<LoggedTraining> {
  const { trained, facts, folder, datasets, register, signal } = training;
  const params = trainingParams(trained, facts);
  const metrics = trainingMetrics(trained);
  await run.logParams(params);
  await run.logDatasets(datasets);
  const scratch = await mkdtemp(join(tmpdir(), "trimaran-train-"));
  try {
    signal.throwIfAborted();
    const files = trainingFiles(trained);
    for (const [name, text] of Object.entries(files)) await writeFile(join(scratch, name), text);
    await run.putArtifacts(scratch, Object.keys(files));
    signal.throwIfAborted();
    const place = join(scratch, "model");
    await mkdir(place);
    const model = await logModel(run, { folder, scratch: place, params, signal });
    await run.logMetrics(metrics, model.modelId ?? undefined);
    signal.throwIfAborted();
    const version = register === null ? null : await registerModel(run, model, { ...register, signal });
    return { model, version };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// `trimaran train --save`: the model on this disk, without any MLflow. What is there appears whole.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { trimaranError } from "../base/errors.ts";
import { writeModelFolder } from "../train/log/log-model.ts";
import { type Trained, trainingFiles, trainingMetrics } from "../train/log/training-records.ts";
import type { SavePlace } from "./train-plan.ts";

export interface TrainReport {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface SavedModel {
  readonly path: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** @throws FILE_NOT_WRITABLE, TRAIN_ONNX */
export async function saveModel({ path, kind }: SavePlace, { trained, folder }: Trained): Promise<SavedModel> {
  const target = resolve(path);
  await assertReplaceable(target, kind);
  try {
    await mkdir(dirname(target), { recursive: true });
    const scratch = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.part`);
    await mkdir(scratch);
    try {
      if (kind === "folder") {
        const place = { artifactPath: "model", runId: null, modelId: null };
        await writeModelFolder(scratch, folder, place);
        for (const [name, text] of Object.entries(trainingFiles(trained))) await writeFile(join(scratch, name), text);
        await rm(target, { recursive: true, force: true });
        await rename(scratch, target);
      } else {
        const bytes = folder.files.get(kind === "onnx" ? "model.onnx" : "model.trimaran");
        if (bytes === undefined) throw trimaranError("TRAIN_ONNX", { problem: folder.withoutOnnx ?? "" });
        await writeFile(join(scratch, "model"), bytes);
        await rename(join(scratch, "model"), target);
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  } catch (cause) {
    const problem = (cause as NodeJS.ErrnoException).code;
    if (problem === undefined || !/^E[A-Z0-9]+$/.test(problem)) throw cause;
    throw trimaranError("FILE_NOT_WRITABLE", { path, problem }, { cause });
  }
  return { path, metrics: trainingMetrics(trained) };
}

export function savedReport({ path, metrics }: SavedModel): TrainReport {
  return { json: { run_id: null, saved: path, metrics }, text: path };
}

/** A folder that holds something else than a model of ours is somebody's. */
async function assertReplaceable(target: string, kind: SavePlace["kind"]): Promise<void> {
  const info = await stat(target).catch(() => null);
  if (info === null) return;
  const problem =
    kind === "folder" && !info.isDirectory()
      ? "it is a file"
      : kind !== "folder" && !info.isFile()
        ? "it is a folder"
        : kind === "folder" && !isOurs(await readdir(target))
          ? "it is a folder with other things in it"
          : null;
  if (problem !== null) throw trimaranError("FILE_NOT_WRITABLE", { path: target, problem });
}

function isOurs(names: readonly string[]): boolean {
  return names.length === 0 || (names.includes("MLmodel") && names.includes("model.trimaran"));
}

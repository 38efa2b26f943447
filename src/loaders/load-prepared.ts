// Loads a model where it disturbs nobody: a large file is read, checked and packed in a worker thread, so that a server goes on
// answering. A small one is loaded by the calling thread, since a thread costs more than it does.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as otherWork } from "node:timers/promises";
import type { PreparedGraph } from "../engine/prepare.ts";
import type { AnyModel } from "../formats/read/read-model.ts";
import { WorkerThread } from "../io/worker-thread.ts";
import { type LoadModelOptions, loadAnyModel, type ModelOrigin } from "./load-model.ts";
import { localPath } from "./local-file.ts";
import { splitMembers } from "./split-members.ts";
import { workerFile } from "./worker-file.ts";

/** `auto`: from 8 MiB on in a worker. A definition's own estimators are functions, which cannot leave their thread. */
export type LoadPlace = "auto" | "worker" | "here";

export interface LoadPreparedOptions extends LoadModelOptions {
  /** Where the model is loaded. @default "auto" */
  readonly place?: LoadPlace;
}

export interface PreparedModel extends ModelOrigin {
  readonly model: AnyModel;
  /** Null: nothing is prepared yet. */
  readonly prepared: PreparedGraph | null;
}

export interface LoadRequest {
  readonly uris: readonly string[];
  readonly options: LoadModelOptions;
}

/** About what takes 50 ms to open, which is what a thread costs at the least. */
const workerBytes = 8 * 2 ** 20;

/** @throws what `loadAnyModel` throws, from wherever it runs; THREAD_ENDED */
export async function loadPrepared(
  uris: readonly string[],
  { place = "auto", ...options }: LoadPreparedOptions = {},
): Promise<PreparedModel> {
  const canLeave = (options.estimators ?? []).length === 0;
  if (!canLeave || place === "here" || (place === "auto" && (await sizeOf(uris)) < workerBytes)) {
    return { ...(await loadAnyModel(uris, options)), prepared: null };
  }
  const { maxBytes, limits } = options;
  const worker = new WorkerThread({ entry: workerFile("load-worker") });
  try {
    return (await worker.ask({ uris, options: { maxBytes, limits } } satisfies LoadRequest)) as PreparedModel;
  } finally {
    // Taking over the model, ending the thread and what the caller does next are pauses that must not add up.
    await otherWork();
    await worker.close();
    await otherWork();
  }
}

/** What is not there, or cannot be named, counts nothing: loading it says what is wrong. */
async function sizeOf(uris: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const uri of uris) bytes += await sizeOfPath(uri).catch(() => 0);
  return bytes;
}

async function sizeOfPath(uri: string): Promise<number> {
  const path = localPath(splitMembers(uri).uri);
  const info = await stat(path);
  if (!info.isDirectory()) return info.size;
  const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

// Files of this disk to where a run or a logged model keeps its artifacts, as the server named the place.
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { allDone } from "../../base/all-done.ts";
import { trimaranError } from "../../base/errors.ts";
import { openS3Blobs } from "../../io/blobs/s3-blobs.ts";
import { s3Place } from "../../io/blobs/s3-settings.ts";
import { assertSafePath, checkedLocation, schemeOf, withoutUser } from "../../mlflow/uri.ts";
import { putArtifact } from "./artifact-client.ts";
import type { Tracking } from "./tracking.ts";
import type { Environment } from "./tracking-settings.ts";

export interface FilesToPut {
  /** As the server told it: `mlflow-artifacts:/…`, `s3://…`, `file:…` or a path. */
  readonly location: string;
  /** The folder on this disk. */
  readonly folder: string;
  /** Below the folder, and the same below the location. */
  readonly names: readonly string[];
  /** Of S3's keys. */
  readonly env: Environment;
  readonly signal?: AbortSignal;
}

const parallel = 4;

/**
 * A file is there whole or not at all; of a folder the last one of the list after all others, which go a few at a time.
 * @throws MODEL_URI, ARTIFACT_*, BLOB_*, TRACKING_*, FILE_NOT_FOUND
 */
export async function putFiles(tracking: Tracking, files: FilesToPut): Promise<void> {
  const put = await writerOf(tracking, files);
  for (const name of files.names) assertSafePath(name, files.location);
  const putOne = async (name: string): Promise<void> => {
    files.signal?.throwIfAborted();
    await put(name, join(files.folder, name));
  };
  const queue = files.names.slice(0, -1);
  let failed = false;
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined && !failed; name = queue.shift()) {
      await putOne(name).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await allDone(Array.from({ length: Math.min(parallel, queue.length) }, work));
  const last = files.names.at(-1);
  if (last !== undefined) await putOne(last);
}

type PutFile = (name: string, file: string) => Promise<void>;

async function writerOf(tracking: Tracking, { location: told, env }: FilesToPut): Promise<PutFile> {
  const location = checkedLocation(told).replace(/\/+$/, "");
  switch (schemeOf(location)) {
    case "mlflow-artifacts": {
      const root = proxiedRoot(location, tracking);
      return (name, file) => putArtifact(tracking, { path: `${root}/${name}`, file });
    }
    case "s3":
      return bucketWriter(location, env);
    case "file":
    case null: {
      if (!tracking.isLocal) throw trimaranError("ARTIFACT_LOCAL", { location });
      const root = location.startsWith("file:") ? fileURLToPath(location) : location;
      return (name, file) => copyInto(join(root, name), file);
    }
    default:
      throw trimaranError("ARTIFACT_STORE", { location: withoutUser(location), problem: "nothing is written there" });
  }
}

function proxiedRoot(location: string, { network }: Tracking): string {
  const [, host = "", path = ""] = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/i.exec(location) ?? [];
  if (host !== "" && network !== null && new URL(network.origin).host !== host) {
    const problem = "the tracking server names a place on another host";
    throw trimaranError("ARTIFACT_UNSAFE", { location: withoutUser(location), problem });
  }
  return path;
}

async function bucketWriter(location: string, env: Environment): Promise<PutFile> {
  const place = s3Place(location);
  if (place === null) throw trimaranError("MODEL_URI", { uri: location, problem: "it is `s3://bucket/key`" });
  const blobs = await openS3Blobs(place, env);
  return async (name, file) => {
    const { size } = await stat(file);
    await blobs.write(name.split("/"), createReadStream(file), { bytes: size });
  };
}

async function copyInto(target: string, file: string): Promise<void> {
  const scratch = join(dirname(target), `.${randomUUID()}.part`);
  try {
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file, scratch);
    await rename(scratch, target);
  } catch (cause) {
    await rm(scratch, { force: true }).catch(() => {});
    const problem = (cause as NodeJS.ErrnoException).code ?? "it failed";
    throw trimaranError("FILE_NOT_WRITABLE", { path: target, problem }, { cause });
  }
}

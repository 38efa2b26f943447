// Artifacts: listings, deletions, uploads in parts and URLs around this server. Files themselves are streamed by http/artifact-routes.ts.
import { maxParts } from "../../io/blobs/blob-store.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import type { ArtifactPlace } from "../artifacts/artifact-location.ts";
import { artifactSegments, assertDeletable, invalidPath } from "../artifacts/artifact-path.ts";
import type { ArtifactEntry } from "../artifacts/artifact-store.ts";
import type { SignedThing } from "../artifacts/signed-path.ts";
import { loggedModelRow } from "../store/logged-models.ts";
import { textOf } from "../store/rows.ts";
import { activeRunRow, runRow } from "../store/runs.ts";
import type { Handlers, TrackingContext } from "./handler.ts";

type ArtifactEndpoints =
  | "listArtifacts"
  | "listProxyArtifacts"
  | "deleteArtifact"
  | "createMultipartUpload"
  | "completeMultipartUpload"
  | "abortMultipartUpload"
  | "getProxyPresignedUrl"
  | "createPresignedDownloadUrl"
  | "createPresignedUploadUrl";

const partSeconds = 24 * 3600;
const defaultSeconds = 900;
const maxSeconds = 7 * 24 * 3600;

export const artifactHandlers: Handlers<ArtifactEndpoints> = {
  listArtifacts: async ({ run_id, path = "" }, { store, artifacts }) => {
    artifactSegments(path);
    const location = textOf(await runRow(store.database, run_id), "artifact_uri");
    const place = artifacts.at(location, path);
    const entries = await place.store.list(place.segments);
    return {
      root_uri: location,
      files: (entries ?? []).map((entry) => fileInfo(entry, path === "" ? "" : `${path}/`)),
    };
  },
  // Names are relative to the folder.
  listProxyArtifacts: async ({ path = "" }, { artifacts }) => {
    const entries = await artifacts.served.list(artifactSegments(path));
    return { files: (entries ?? []).map((entry) => fileInfo(entry, "")) };
  },
  deleteArtifact: async ({ artifact_path }, { artifacts }) => {
    const segments = artifactSegments(artifact_path);
    assertDeletable(segments);
    await artifacts.served.remove(segments);
    return {};
  },
  createMultipartUpload: async ({ artifact_path, path, num_parts = 1 }, context) => {
    const segments = uploadSegments(artifact_path, path);
    if (num_parts < 1 || num_parts > maxParts) {
      throw invalidParameter(`Invalid value ${num_parts} for parameter 'num_parts': it must be 1 to ${maxParts}.`);
    }
    const { served } = context.artifacts;
    const numbers = Array.from({ length: num_parts }, (_, index) => index + 1);
    // Whether it can be done at all is known before anything is begun.
    if (served.signer === null) ownUrl(context, { act: "part", segments }, multipartUnsupported);
    const upload_id = await served.beginUpload(segments);
    const urls = numbers.map((number) =>
      served.signer === null
        ? ownUrl(context, { act: "part", segments, upload: upload_id, number }, multipartUnsupported, partSeconds)
        : served.signer.part({ path: segments, upload: upload_id, number }, partSeconds),
    );
    const credentials = (await Promise.all(urls)).map((url, index) => ({ url, part_number: index + 1, headers: {} }));
    return { upload_id, credentials };
  },
  completeMultipartUpload: async ({ artifact_path, path, upload_id = "", parts }, { artifacts }) => {
    const listed = parts.map(({ part_number: number = 0, etag = "" }) => ({ number, etag }));
    if (upload_id === "") throw invalidParameter("Missing value for required parameter 'upload_id'.");
    await artifacts.served.finishUpload(uploadSegments(artifact_path, path), upload_id, listed);
    return {};
  },
  abortMultipartUpload: async ({ artifact_path, path, upload_id = "" }, { artifacts }) => {
    if (upload_id === "") throw invalidParameter("Missing value for required parameter 'upload_id'.");
    await artifacts.served.abortUpload(uploadSegments(artifact_path, path), upload_id);
    return {};
  },
  getProxyPresignedUrl: async ({ artifact_path }, context) => {
    const place = { store: context.artifacts.served, segments: artifactSegments(artifact_path) };
    const { url, bytes } = await readUrl(context, place, defaultSeconds);
    return { url, headers: {}, file_size: bytes };
  },
  createPresignedDownloadUrl: async ({ run_id, path, expiration = defaultSeconds }, context) => {
    const location = textOf(await runRow(context.store.database, run_id), "artifact_uri");
    const { url, bytes } = await readUrl(context, filePlace(context, location, path), seconds(expiration));
    return { presigned_url: url, headers: {}, file_size: bytes };
  },
  createPresignedUploadUrl: async ({ run_id, model_id, path, expiration = defaultSeconds }, context) => {
    const { database } = context.store;
    if (((run_id ?? "") !== "") === ((model_id ?? "") !== "")) {
      throw invalidParameter("Exactly one of run_id and model_id must be provided.");
    }
    const location = run_id
      ? textOf(await activeRunRow(database, run_id), "artifact_uri")
      : textOf(await loggedModelRow(database, model_id ?? ""), "artifact_location");
    const { store, segments } = filePlace(context, location, path);
    const presigned_url =
      store.signer === null
        ? ownUrl(context, { act: "write", segments }, "Presigned upload", seconds(expiration))
        : await store.signer.write(segments, seconds(expiration));
    return { presigned_url, headers: {} };
  },
};

/** Clients fall back to one request when they read these words. */
const multipartUnsupported = "Multipart upload";

function ownUrl({ signing, caller, artifacts }: TrackingContext, thing: SignedThing, what: string, time = 60): string {
  if (signing === null || caller.base === null || artifacts.served === null) {
    throw new WireError("NOT_IMPLEMENTED", `${what} is not supported for the current artifact repository`);
  }
  return `${caller.base}${signing.sign(thing, time)}`;
}

async function readUrl(
  context: TrackingContext,
  { store, segments }: ArtifactPlace,
  time: number,
): Promise<{ readonly url: string; readonly bytes: number }> {
  const info = segments.length === 0 ? null : await store.stat(segments);
  if (info === null) throw new WireError("RESOURCE_DOES_NOT_EXIST", "There is no artifact at this path.");
  const url =
    store.signer === null
      ? ownUrl(context, { act: "read", segments }, "Presigned download", time)
      : await store.signer.read(segments, time);
  return { url, bytes: info.bytes };
}

function filePlace({ artifacts }: TrackingContext, location: string, path: string): ArtifactPlace {
  if (artifactSegments(path).length === 0) throw invalidPath();
  return artifacts.at(location, path);
}

function seconds(expiration: number): number {
  if (expiration >= 1 && expiration <= maxSeconds) return Math.floor(expiration);
  throw invalidParameter(`expiration must be between 1 and ${maxSeconds} seconds (got ${expiration}).`);
}

/** The folder is in the URL. Older clients name the file by its path on their own machine, so only its last part counts. */
function uploadSegments(folder: string, file: string): readonly string[] {
  const name = file.split(/[/\\]/).at(-1) ?? "";
  const segments = [...artifactSegments(folder), ...artifactSegments(name)];
  if (name === "" || segments.length < 2) throw invalidPath();
  return segments;
}

export function fileInfo({ name, isFolder, size }: ArtifactEntry, before: string): MessageInput<"FileInfo"> {
  return { path: before + name, is_dir: isFolder, ...(isFolder ? {} : { file_size: size }) };
}

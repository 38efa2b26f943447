// Artifacts in S3 or what speaks like it. Credentials, region and endpoint are those of the standard variables and files.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { openS3Blobs } from "../../io/blobs/s3-blobs.ts";
import { s3Place } from "../../io/blobs/s3-settings.ts";
import { type ArtifactSource, joined } from "./artifact-source.ts";
import type { Environment } from "./tracking-settings.ts";

/** @throws MODEL_URI */
export async function s3Source(location: string, env: Environment): Promise<ArtifactSource> {
  const place = s3Place(location);
  if (place === null || place.prefix === "") {
    throw trimaranError("MODEL_URI", { uri: location, problem: "it is `s3://bucket/key`" });
  }
  // The location may be an object itself, so the store begins at its folder.
  const at = place.prefix.lastIndexOf("/");
  const blobs = await openS3Blobs({ bucket: place.bucket, prefix: place.prefix.slice(0, Math.max(at, 0)) }, env);
  const own = place.prefix.slice(at + 1);
  const name = `s3://${place.bucket}/${place.prefix}`;
  return {
    name,
    async list(folder) {
      const entries = await blobs.list(joined(own, folder).split("/"));
      return (entries ?? []).map(({ name: path, isFolder, bytes, etag }) => ({
        path,
        isFolder,
        bytes: isFolder ? null : bytes,
        tag: etag,
      }));
    },
    async open(path, { from, tag }) {
      const segments = joined(own, path).split("/");
      const read = await blobs.openRead(segments, { from, ...(tag === null ? {} : { etag: tag }) });
      if (read === null) throw trimaranError("ARTIFACT_MISSING", { location: joined(name, path) });
      return { from, bytes: read.bytes, tag: read.etag, body: whole(read.body, joined(name, path)) };
    },
  };
}

/** What breaks in the middle can be resumed. */
async function* whole(body: AsyncIterable<Uint8Array>, location: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "BLOB_CUT") throw error;
    throw trimaranError("ARTIFACT_CUT", { location, problem: "the connection broke" }, { cause: error });
  }
}

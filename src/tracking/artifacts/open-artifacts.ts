// Opens what the operator named for artifacts: a folder or a bucket behind the proxy, and a root that clients reach by themselves.
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { trimaranError } from "../../base/errors.ts";
import type { BlobStore } from "../../io/blobs/blob-store.ts";
import { openLocalBlobs } from "../../io/blobs/local-blobs.ts";
import { openS3Blobs } from "../../io/blobs/s3-blobs.ts";
import { type S3Environment, s3Place } from "../../io/blobs/s3-settings.ts";
import { ArtifactPlaces, type ArtifactRoot } from "./artifact-location.ts";
import { ArtifactStore } from "./artifact-store.ts";
import { openSigning, type UrlSigning } from "./signed-path.ts";

export interface OpenArtifactsOptions {
  /** A folder, `file:///FOLDER`, or `s3://bucket/prefix`. */
  readonly destination: string;
  /** @default `mlflow-artifacts:/` */
  readonly defaultRoot: string;
  /** False: nothing goes through this server. */
  readonly isServed: boolean;
  readonly env: S3Environment;
  readonly maxFileBytes?: number | undefined;
  readonly onFailure: (error: unknown) => void;
}

export interface OpenedArtifacts {
  readonly places: ArtifactPlaces;
  /** For URLs to this server; null where the store signs its own, or nothing is served. */
  readonly signing: UrlSigning | null;
}

/** @throws BLOB_* */
export async function openArtifacts(options: OpenArtifactsOptions): Promise<OpenedArtifacts> {
  const { destination, defaultRoot, isServed, env, maxFileBytes, onFailure } = options;
  const store = (blobs: BlobStore): ArtifactStore =>
    new ArtifactStore(blobs, { onFailure, ...(maxFileBytes === undefined ? {} : { maxFileBytes }) });
  const served = isServed ? await openBlobs(destination, { env, maxFileBytes }) : null;
  // What does not answer at all is told now, and not to the first client.
  await served?.check();
  // Where nothing can be written, nothing is signed.
  const signing = served === null || served.signer !== null ? null : await openSigning(served.name).catch(() => null);
  const roots: ArtifactRoot[] = [];
  const proxied = served === null ? null : store(served);
  const proxy = proxyOf(defaultRoot);
  if (proxy !== null) {
    if (proxied !== null) roots.push({ location: proxy, store: proxied });
  } else if (!defaultRoot.startsWith("mlflow-artifacts:")) {
    const own = store(await openBlobs(defaultRoot, { env, maxFileBytes }));
    const isFolder = !defaultRoot.startsWith("s3:");
    // A folder may have been written in either way when a run was made.
    const forms = isFolder ? [folderOf(defaultRoot), pathToFileURL(folderOf(defaultRoot)).href] : [defaultRoot];
    for (const form of forms) roots.push({ location: withoutEnd(form), store: own });
  }
  return { places: new ArtifactPlaces({ served: proxied, roots }), signing };
}

/** A root that clients reach through this server by its URL: what comes before the paths below it. */
function proxyOf(root: string): string | null {
  return /^https?:\/\/[^?#]+\/mlflow-artifacts\/artifacts(?=\/|$)/.exec(root)?.[0] ?? null;
}

/** What new experiments get as their root: relative folders made absolute, since clients run elsewhere. @throws BLOB_PLACE */
export function artifactRootOf(root: string): string {
  if (/^(mlflow-artifacts:\/|s3:\/\/)/.test(root)) return root;
  if (proxyOf(root) !== null) return withoutEnd(root);
  const folder = withoutEnd(folderOf(root));
  return root.startsWith("file:") ? pathToFileURL(folder).href : folder;
}

async function openBlobs(
  location: string,
  { env, maxFileBytes }: Pick<OpenArtifactsOptions, "env" | "maxFileBytes">,
): Promise<BlobStore> {
  const limits = maxFileBytes === undefined ? {} : { maxUploadBytes: maxFileBytes };
  if (!location.startsWith("s3:")) return openLocalBlobs(folderOf(location), limits);
  const place = s3Place(location);
  if (place === null) throw trimaranError("BLOB_PLACE", { problem: "an S3 location is s3://BUCKET/PREFIX" });
  return openS3Blobs(place, env);
}

function folderOf(location: string): string {
  if (location.startsWith("file:")) {
    try {
      return fileURLToPath(location);
    } catch (cause) {
      throw trimaranError("BLOB_PLACE", { problem: "the artifact location is no file: URL" }, { cause });
    }
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1];
  if (scheme !== undefined) throw trimaranError("BLOB_PLACE", { problem: `artifacts are not kept at ${scheme}:` });
  return resolve(location);
}

function withoutEnd(location: string): string {
  return location.replace(/\/+$/, "");
}

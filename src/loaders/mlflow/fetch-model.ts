// A model's URI → a path on this disk: resolved by the tracking server, kept in the cache, and taken from the cache when the
// server is gone.
import { createHash } from "node:crypto";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { parseMlflowUri, schemeOf, withoutUser } from "../../mlflow/uri.ts";
import type { ArtifactSource } from "./artifact-source.ts";
import { type DownloadLimits, download, type ListedFile, listAll } from "./download.ts";
import { type IndexEntry, ModelCache } from "./model-cache.ts";
import { openLocation } from "./open-location.ts";
import { type ResolvedModel, resolveModel } from "./resolve.ts";
import { homeOf, openTrackingClient, type Tracking, type TrackingOptions } from "./tracking.ts";

export interface FetchedModel {
  readonly path: string;
  /** The contract's `model_version`; null: what the MLmodel says. */
  readonly version: string | null;
  /** Changes when the model does. */
  readonly digest: string;
}

export interface FetchModelOptions extends TrackingOptions, DownloadLimits {}

const defaultMaxCacheBytes = 10 * 2 ** 30;

/**
 * @throws what `resolveModel`, `openLocation`, `listAll` and `download` throw; TRACKING_REQUIRED
 */
export async function fetchModel(uri: string, options: FetchModelOptions = {}): Promise<FetchedModel> {
  const env = options.env ?? process.env;
  const cache = new ModelCache(homeOf(options), options.maxCacheBytes ?? defaultMaxCacheBytes);
  parseMlflowUri(uri);
  const server = serverName(env["MLFLOW_TRACKING_URI"]);
  const known = await cache.find(server, withoutUser(uri));
  const requires = options.requireTracking ?? /^(1|true)$/i.test(env["TRIMARAN_REQUIRE_TRACKING"] ?? "");
  let opened: Promise<Tracking> | undefined;
  // What is known needs no patience.
  const maxRetries = known === undefined || requires ? options.maxRetries : Math.min(options.maxRetries ?? 1, 1);
  const tracking = (): Promise<Tracking> => {
    opened ??= openTrackingClient({ ...options, env, maxRetries });
    return opened;
  };
  try {
    return await fetchFresh(uri, { cache, known, server, env, tracking, limits: options });
  } catch (error) {
    if (known === undefined || !isOutage(error)) throw error;
    const slots = { uri: withoutUser(uri) };
    if (requires) throw trimaranError("TRACKING_REQUIRED", slots, { cause: error });
    const path = await cache.open(known);
    if (path === undefined) throw error;
    notice(
      options,
      `${slots.uri} is the copy of ${known.time}, version ${known.version ?? "unknown"}: ${messageOf(error)}`,
    );
    return { path, version: known.version, digest: known.digest };
  } finally {
    await opened?.then(
      (each) => each.close(),
      () => {},
    );
  }
}

interface FetchContext {
  readonly cache: ModelCache;
  readonly known: IndexEntry | undefined;
  readonly server: string;
  readonly env: NonNullable<TrackingOptions["env"]>;
  readonly tracking: () => Promise<Tracking>;
  readonly limits: DownloadLimits;
}

async function fetchFresh(uri: string, context: FetchContext): Promise<FetchedModel> {
  const { cache, known, tracking, env, limits } = context;
  const client = async () => (await tracking()).client;
  const listNames = async (location: string): Promise<readonly string[]> => {
    const source = await openLocation(location, { isTold: true, tracking, env });
    return (await source.list("")).map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  };
  const resolved = await resolveModel(uri, { client, listNames });
  const source = await openLocation(resolved.location, { isTold: resolved.isTold, tracking, env });
  const files = await listAll(source, limits);
  const listing = listingOf(resolved, files);
  const isWhole = files.some(({ path }) => path !== "");
  // A file alone tells nothing of itself in a listing, so it is read again.
  if (known !== undefined && known.listing === listing && isWhole) {
    const path = await cache.open(known);
    if (path !== undefined) {
      await cache.note({
        ...known,
        version: resolved.version,
        location: resolved.location,
        time: new Date().toISOString(),
      });
      return { path, version: resolved.version, digest: known.digest };
    }
  }
  return fetchFiles(uri, { resolved, source, files, listing, context });
}

interface FilesWanted {
  readonly resolved: ResolvedModel;
  readonly source: ArtifactSource;
  readonly files: readonly ListedFile[];
  readonly listing: string;
  readonly context: FetchContext;
}

async function fetchFiles(
  uri: string,
  { resolved, source, files, listing, context }: FilesWanted,
): Promise<FetchedModel> {
  const { cache, server, limits } = context;
  const folder = await cache.begin();
  try {
    const name = fileName(resolved.location);
    const { digest } = await download(source, files, { folder, name, limits });
    const { version, location } = resolved;
    const file = files[0]?.path === "" ? name : null;
    const time = new Date().toISOString();
    const entry = {
      uri: withoutUser(uri),
      server,
      location: withoutUser(location),
      digest,
      file,
      version,
      listing,
      time,
    };
    return { path: await cache.keep(folder, entry), version, digest };
  } catch (error) {
    await cache.drop(folder);
    throw error;
  }
}

/** The last part of the path, as a name that any disk takes. */
function fileName(location: string): string {
  const path = location.replace(/[?#].*$/s, "").replace(/\/+$/, "");
  const name = path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/[^\w.-]/g, "_")
    .slice(-100);
  return /^\.*$/.test(name) ? "model" : name;
}

function listingOf({ location }: ResolvedModel, files: readonly ListedFile[]): string {
  const hash = createHash("sha256").update(`${location}\n`);
  for (const { path, bytes, tag } of files) hash.update(`${path}\0${bytes}\0${tag}\n`);
  return hash.digest("hex");
}

/** The server, the store or the way to them; not what they say. */
function isOutage(error: unknown): boolean {
  if (!isTrimaranError(error)) return false;
  return /^(TRACKING_UNREACHABLE|ARTIFACT_STORE|ARTIFACT_CUT|BLOB_STORE)$/.test(error.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "it failed";
}

function serverName(uri: string | undefined): string {
  if (!uri) return "embedded";
  const scheme = schemeOf(uri);
  if ((scheme !== "http" && scheme !== "https") || !URL.canParse(uri)) return uri;
  const url = new URL(uri);
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function notice({ onNotice }: TrackingOptions, text: string): void {
  if (onNotice !== undefined) onNotice(text);
  else process.stderr.write(`${text}\n`);
}

// A folder of numbered versions (`ride/1`, `ride/2`: as Triton and TF Serving keep them): which of them are served, and from where.
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { isUri } from "../../deployment/resolve-model-uri.ts";
import type { TargetRequest } from "./target-plan.ts";
import { isVersionNumber } from "./version-order.ts";
import { chooseVersions, latestVersion, type VersionPolicy } from "./version-policy.ts";

/**
 * One request a version; any target but a folder of versions stays as it is, and so does one of which only the latest is served:
 * preparing it finds the newest there is.
 * @throws SLOT_NO_VERSION
 */
export async function expandTarget(
  request: TargetRequest,
  policy: VersionPolicy = latestVersion,
): Promise<readonly TargetRequest[]> {
  if (policy.kind === "latest" && policy.count === 1) return [request];
  const folder = await versionFolder(request.target);
  if (folder === null) return [request];
  const chosen = chooseVersions([...folder.keys()], policy, { name: request.target });
  return chosen.map((version) => ({ ...request, version, lane: `${request.target}#${version}` }));
}

/** Where a request leads. */
export interface SettledTarget {
  /** The model or definition that is opened. */
  readonly place: string;
  /** Null: what the definition or the model's path says. */
  readonly name: string | null;
  /** Null: what the model says. */
  readonly version: string | null;
  /** The folder of versions in which there may be a newer one. */
  readonly folder: string | null;
}

/** @throws SLOT_NO_VERSION for a folder of versions without the one that is asked for */
export async function settleTarget(request: TargetRequest): Promise<SettledTarget> {
  const { target, name = null, version = null } = request;
  const registered = registeredModel(target);
  if (registered !== null) {
    return { place: target, name: name ?? registered.name, version: version ?? registered.version, folder: null };
  }
  const versions = await versionFolder(target);
  if (versions === null) return { place: target, name, version, folder: null };
  const [chosen = ""] =
    version === null ? chooseVersions([...versions.keys()], latestVersion, { name: target }) : [version];
  const place = versions.get(chosen);
  if (place === undefined) throw trimaranError("SLOT_NO_VERSION", { name: target, version: chosen });
  return { place, name: name ?? nameOf(resolve(target)), version: chosen, folder: target };
}

const definitionFile = /^deployment\.(ts|js|mjs|ya?ml)$/;

/**
 * Number → what is served: the version's folder where it holds an MLmodel or a definition, else the one file in it. Null for anything
 * else than a folder that holds folders named by numbers, and neither a definition nor an MLmodel.
 */
export async function versionFolder(target: string): Promise<ReadonlyMap<string, string> | null> {
  if (isUri(target)) return null;
  const entries = await readdir(target, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === "MLmodel" || definitionFile.test(name))) return null;
  const versions = new Map<string, string>();
  let numbered = false;
  for (const { name } of entries) {
    // `01` and `1` would be one version: a number is written without leading zeros.
    if (!isVersionNumber(name) || (name.length > 1 && name.startsWith("0"))) continue;
    const inside = await readdir(join(target, name)).catch(() => null);
    if (inside === null) continue;
    numbered = true;
    const place = modelIn(join(target, name), inside);
    if (place !== null) versions.set(name, place);
  }
  return numbered ? versions : null;
}

/** An empty folder, or one with several files, is no version (yet). */
function modelIn(folder: string, inside: readonly string[]): string | null {
  const seen = inside.filter((name) => !name.startsWith("."));
  if (seen.some((name) => name === "MLmodel" || definitionFile.test(name))) return folder;
  const [only] = seen;
  return only !== undefined && seen.length === 1 ? join(folder, only) : null;
}

function nameOf(path: string): string {
  const name = basename(path).replace(/[^A-Za-z0-9._-]+/g, "-");
  return name.replace(/^[^A-Za-z0-9]+/, "") || "model";
}

/** `models:/ride/3` says its name and version itself; of `models:/ride@champion` the registry knows the version. */
function registeredModel(target: string): { readonly name: string; readonly version: string | null } | null {
  const match = /^models:\/+([^/@]+)(?:\/(\d+)|\/[^/]+|@[^/]+)$/.exec(target);
  return match?.[1] === undefined ? null : { name: nameOf(match[1]), version: match[2] ?? null };
}

// A folder of numbered versions (`ride/1`, `ride/2`: as Triton and TF Serving keep them) → one request a version that is to be served.
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isUri } from "../../deployment/resolve-model-uri.ts";
import type { TargetRequest } from "./target-plan.ts";
import { isVersionNumber } from "./version-order.ts";
import { chooseVersions, latestVersion, type VersionPolicy } from "./version-policy.ts";

/**
 * Any other target stays as it is. With `latest` of one all versions share the folder's lane, so that a new one replaces the old.
 * @throws SLOT_NO_VERSION
 */
export async function expandTarget(
  request: TargetRequest,
  policy: VersionPolicy = latestVersion,
): Promise<readonly TargetRequest[]> {
  const registered = registeredModel(request.target);
  if (registered !== null) return [{ ...registered, ...request }];
  const folder = await versionFolder(request.target);
  if (folder === null) return [request];
  const chosen = chooseVersions([...folder.versions.keys()], policy, { name: request.target });
  return chosen.map((version) => ({
    name: nameOf(request.target),
    ...request,
    version,
    target: folder.versions.get(version) as string,
    lane: policy.kind === "latest" && policy.count === 1 ? request.target : `${request.target}#${version}`,
  }));
}

export interface VersionFolder {
  /** Number → what is served: the folder itself where it holds an MLmodel or a definition, else the one model file in it. */
  readonly versions: ReadonlyMap<string, string>;
}

const definitionFile = /^deployment\.(ts|js|mjs|ya?ml)$/;

/** Null for anything else than a folder that holds folders named by numbers and neither a definition nor an MLmodel. */
export async function versionFolder(target: string): Promise<VersionFolder | null> {
  if (isUri(target)) return null;
  const entries = await readdir(target, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === "MLmodel" || definitionFile.test(name))) return null;
  const versions = new Map<string, string>();
  let numbered = false;
  for (const { name } of entries) {
    // `01` and `1` would be one version; a number is written without leading zeros.
    if (!isVersionNumber(name) || (name.length > 1 && name.startsWith("0"))) continue;
    const inside = await readdir(join(target, name)).catch(() => null);
    if (inside === null) continue;
    numbered = true;
    const place = modelIn(join(target, name), inside);
    if (place !== null) versions.set(name, place);
  }
  return numbered ? { versions } : null;
}

/** An empty folder, or one with several files, is no version (yet). */
function modelIn(folder: string, inside: readonly string[]): string | null {
  const seen = inside.filter((name) => !name.startsWith("."));
  if (seen.some((name) => name === "MLmodel" || definitionFile.test(name))) return folder;
  const [only] = seen;
  return only !== undefined && seen.length === 1 ? join(folder, only) : null;
}

function nameOf(target: string): string {
  const name = basename(resolve(target)).replace(/[^A-Za-z0-9._-]+/g, "-");
  return name.replace(/^[^A-Za-z0-9]+/, "") || "model";
}

/** `models:/ride/3` says its name and version itself. */
function registeredModel(target: string): Pick<TargetRequest, "name" | "version"> | null {
  const match = /^models:\/+([^/@]+)(?:\/(\d+))?(?:[/@][^/]*)?$/.exec(target);
  if (match === null || match[1] === undefined || /^m-[0-9a-f]{32}$/.test(match[1])) return null;
  return { name: nameOf(decodeURIComponent(match[1])), ...(match[2] === undefined ? {} : { version: match[2] }) };
}

// Which of the versions that a folder holds are served, as Triton's `version_policy` says it.
import { trimaranError } from "../../base/errors.ts";
import { compareVersions, isVersionNumber } from "./version-order.ts";

export type VersionPolicy =
  | { readonly kind: "latest"; readonly count: number }
  | { readonly kind: "all" }
  | { readonly kind: "specific"; readonly versions: readonly string[] };

export const latestVersion: VersionPolicy = { kind: "latest", count: 1 };

/** `latest`, `latest(2)`, `all`, `specific(1,3)`. @throws SLOT_VERSION_POLICY */
export function parseVersionPolicy(text: string): VersionPolicy {
  const match = /^\s*(latest|all|specific)\s*(?:\(([\d,\s]*)\))?\s*$/.exec(text);
  const numbers = (match?.[2] ?? "").split(",").map((each) => each.trim());
  const given = numbers.filter((each) => each !== "");
  const sound = match?.[2] === undefined || given.length === numbers.length;
  if (match !== null && sound) {
    if (match[1] === "all" && match[2] === undefined) return { kind: "all" };
    if (match[1] === "latest" && given.length <= 1) {
      const count = Number(given[0] ?? 1);
      if (count >= 1 && Number.isSafeInteger(count)) return { kind: "latest", count };
    }
    if (match[1] === "specific" && given.length > 0 && given.every(isVersionNumber)) {
      return { kind: "specific", versions: [...new Set(given)] };
    }
  }
  throw trimaranError("SLOT_VERSION_POLICY", { policy: JSON.stringify(text) });
}

/**
 * The versions to serve, the newest first; `name` only stands in the error.
 * @throws SLOT_NO_VERSION for one that is asked for and not there, or when there is none
 */
export function chooseVersions(
  there: readonly string[],
  policy: VersionPolicy,
  { name }: { readonly name: string },
): readonly string[] {
  const newestFirst = [...there].sort((one, other) => compareVersions(other, one));
  if (newestFirst.length === 0) throw trimaranError("SLOT_NO_VERSION", { name, version: "at all" });
  if (policy.kind === "all") return newestFirst;
  if (policy.kind === "latest") return newestFirst.slice(0, policy.count);
  const missing = policy.versions.find((version) => !there.includes(version));
  if (missing !== undefined) throw trimaranError("SLOT_NO_VERSION", { name, version: missing });
  return newestFirst.filter((version) => policy.versions.includes(version));
}

// The `lookup` of a definition: a function, or an object that also says how long it may take and what its failure means.
import type { Issue } from "../base/errors.ts";
import { checkShape, invalidOption } from "./options-check.ts";
import type { ResolvedLookup } from "./resolved-deployment.ts";

const shapes = { fetch: "function", timeoutMs: "count", cacheMs: "not negative", onError: "text" } as const;

export function checkLookup(lookup: unknown): Issue[] {
  if (lookup === undefined || typeof lookup === "function") return [];
  const issues = checkShape(lookup, shapes, { path: "/lookup", what: "lookup" });
  if (issues.length > 0) return issues;
  const { fetch, onError } = lookup as { readonly fetch?: unknown; readonly onError?: unknown };
  if (fetch === undefined) issues.push(invalidOption("/lookup/fetch", "lookup needs a function `fetch`."));
  if (onError !== undefined && onError !== "fail" && onError !== "missing") {
    issues.push(invalidOption("/lookup/onError", 'onError must be "fail" or "missing".'));
  }
  return issues;
}

/** Of a lookup that was checked. */
export function resolveLookup(lookup: unknown): ResolvedLookup | null {
  if (lookup === undefined) return null;
  const given = (typeof lookup === "function" ? { fetch: lookup } : lookup) as Partial<ResolvedLookup>;
  const { fetch, timeoutMs = 1000, cacheMs = 0, onError = "fail" } = given;
  return Object.freeze({ fetch: fetch!, timeoutMs, cacheMs, onError });
}

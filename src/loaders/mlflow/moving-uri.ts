// URIs of a registry that may mean another version tomorrow.
import { isMlflowUri, type MlflowUri, parseMlflowUri } from "../../mlflow/uri.ts";

export type MovingUri = Extract<MlflowUri, { readonly kind: "alias" | "stage" | "latest" }>;

/** Null: it means the same for ever, or nothing at all. */
export function movingUri(uri: string): MovingUri | null {
  if (!isMlflowUri(uri)) return null;
  try {
    const parsed = parseMlflowUri(uri);
    return parsed.kind === "alias" || parsed.kind === "stage" || parsed.kind === "latest" ? parsed : null;
  } catch {
    return null;
  }
}

/** What a URI that moves meant when it was resolved: `models:/NAME/VERSION/path`; any other URI as it is. */
export function pinnedUri(uri: string, version: string | null): string {
  const parsed = movingUri(uri);
  if (parsed === null || version === null) return uri;
  return `models:/${encodeURIComponent(parsed.name)}/${version}${parsed.path === "" ? "" : `/${parsed.path}`}`;
}

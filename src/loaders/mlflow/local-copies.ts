// Exchanges URIs that MLflow names, or that lie elsewhere, for paths on this disk, before a model is opened.
import { isMlflowUri } from "../../mlflow/uri.ts";
import { splitMembers, withMembers } from "../split-members.ts";
import type { FetchModelOptions } from "./fetch-model.ts";

export interface LocalCopies {
  readonly uris: readonly string[];
  /** What came from a path is told as if it had come from the URI. */
  name<Origin extends { readonly uri: string; readonly version: string | null }>(origin: Origin): Origin;
}

/** Null: all of them are read as they are. @throws what `fetchModel` throws */
export async function localCopies(
  uris: readonly string[],
  options: FetchModelOptions = {},
): Promise<LocalCopies | null> {
  if (!uris.some(isMlflowUri)) return null;
  const { fetchModel } = await import("./fetch-model.ts");
  const local: string[] = [];
  let version: string | null = null;
  for (const written of uris) {
    if (!isMlflowUri(written)) {
      local.push(written);
      continue;
    }
    const { uri, members } = splitMembers(written);
    const fetched = await fetchModel(uri, options);
    // Of several steps the last one is the model.
    version = fetched.version ?? version;
    local.push(withMembers(fetched.path, members));
  }
  return { uris: local, name: (origin) => ({ ...origin, uri: uris.join(" + "), version: version ?? origin.version }) };
}

// Exchanges URIs that MLflow names, or that lie elsewhere, for paths on this disk, before a model is opened.
import { isMlflowUri } from "../../mlflow/uri.ts";
import { splitMembers, withMembers } from "../split-members.ts";
import type { FetchModelOptions } from "./fetch-model.ts";
import { pinnedUri } from "./moving-uri.ts";

/** A model as it was found: what a process opens that must have the very same. Goes through IPC as it is. */
export interface Pin {
  /** As it was written, without members. */
  readonly uri: string;
  /** The URI that means the same for ever, where there is one: `models:/NAME/VERSION` for an alias. */
  readonly fixed: string;
  /** Its path on this disk, with the members that were named. */
  readonly path: string;
}

export interface LocalCopies {
  readonly uris: readonly string[];
  readonly pins: readonly Pin[];
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
  const pins: Pin[] = [];
  let version: string | null = null;
  for (const written of uris) {
    if (!isMlflowUri(written)) {
      pins.push({ uri: splitMembers(written).uri, fixed: written, path: written });
      continue;
    }
    const { uri, members } = splitMembers(written);
    const fetched = await fetchModel(uri, options);
    // Of several steps the last one is the model.
    version = fetched.version ?? version;
    const fixed = withMembers(pinnedUri(uri, fetched.version), members);
    pins.push({ uri, fixed, path: withMembers(fetched.path, members) });
  }
  const local = pins.map(({ path }) => path);
  return {
    uris: local,
    pins,
    name: (origin) => ({ ...origin, uri: uris.join(" + "), version: version ?? origin.version }),
  };
}

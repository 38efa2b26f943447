// From a location in the store to a place among the artifacts that this server reads and writes.
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { artifactSegments } from "./artifact-path.ts";
import type { ArtifactStore } from "./artifact-store.ts";

export interface ArtifactPlace {
  readonly store: ArtifactStore;
  readonly segments: readonly string[];
}

export interface ArtifactRoot {
  /** `s3://bucket/prefix`, or a folder: without a slash at its end. */
  readonly location: string;
  readonly store: ArtifactStore;
}

export interface ArtifactPlacesOptions {
  /** What `mlflow-artifacts:` means; null: it is not served. */
  readonly served: ArtifactStore | null;
  /** Further places that the operator named; no others are ever read on a client's word. */
  readonly roots: readonly ArtifactRoot[];
}

export class ArtifactPlaces {
  readonly #options: ArtifactPlacesOptions;

  constructor(options: ArtifactPlacesOptions) {
    this.#options = options;
  }

  get isServed(): boolean {
    return this.#options.served !== null;
  }

  /** Below the root that clients reach through the proxy. @throws WireError NOT_IMPLEMENTED when it is not served */
  get served(): ArtifactStore {
    const { served } = this.#options;
    if (served === null) throw notServed();
    return served;
  }

  /** @throws WireError when it lies elsewhere, or the path is not sound */
  at(location: string, path: string): ArtifactPlace {
    if (location.startsWith("mlflow-artifacts:")) {
      return { segments: servedSegments(location, path), store: this.served };
    }
    for (const { location: root, store } of this.#options.roots) {
      if (location !== root && !location.startsWith(`${root}/`)) continue;
      const below = location.slice(root.length).replace(/^\/+/, "").replace(/\/+$/, "");
      return { store, segments: [...artifactSegments(below), ...artifactSegments(path)] };
    }
    throw elsewhere();
  }
}

export function notServed(): WireError {
  return new WireError(
    "NOT_IMPLEMENTED",
    "This server runs with --no-serve-artifacts: read and write artifacts at their own location.",
  );
}

/** @throws WireError when it lies elsewhere, or the path is not sound */
export function servedSegments(location: string, path: string): readonly string[] {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(location);
  if (match === null) throw elsewhere();
  return [...artifactSegments((match[1] ?? "").replace(/\/+$/, "")), ...artifactSegments(path)];
}

function elsewhere(): WireError {
  return new WireError(
    "INVALID_PARAMETER_VALUE",
    "The artifacts do not lie with this server: read them from their own location.",
  );
}

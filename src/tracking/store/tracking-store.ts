// What every entity's code works on.
import type { Database } from "../../io/sql/database.ts";

export interface TrackingStore {
  readonly database: Database;
  /** Milliseconds of the epoch. */
  readonly now: () => number;
  /** Where new experiments keep their artifacts: `mlflow-artifacts:/` when the server serves them. */
  readonly artifactRoot: string;
  /** Locations that an experiment may name in place of the default: prefixes that the operator allowed. */
  readonly allowedLocations: readonly string[];
}

/** `root/a/b`, also where the root ends in a slash. */
export function locationBelow(root: string, ...parts: readonly string[]): string {
  return [root.replace(/(?<!:)\/+$/, "").replace(/:\/+$/, ":"), ...parts].join("/");
}

// The store in this process, for when no tracking server is named: the file below the home folder, or the one that the tracking
// URI names. No port is opened.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import type { HttpTransport } from "../../mlflow/client/http-transport.ts";
import { storePlace } from "../../tracking/store-uri.ts";
import type { Environment } from "./tracking-settings.ts";

export interface EmbeddedStoreOptions {
  readonly env: Environment;
  /** Holds `tracking.db` and `artifacts/`. */
  readonly home: string;
  /** Makes the store when it is not there; else that is an error. */
  readonly creates: boolean;
  readonly onNotice: (notice: string) => void;
}

export interface EmbeddedStore {
  readonly transport: HttpTransport;
  close(): Promise<void>;
}

/**
 * `uri` null is the store below `home`. Artifacts at mlflow-artifacts:/ lie where `trimaran tracking` with the same home and
 * environment keeps them.
 * @throws TRACKING_URI when nothing is there, and what `openTracking` throws
 */
export async function openEmbeddedStore(uri: string | null, options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { env, home, creates, onNotice } = options;
  const backendStoreUri = uri ?? `sqlite:///${join(home, "tracking.db")}`;
  const place = storePlace(backendStoreUri);
  const { openTracking } = await import("../../tracking/open-tracking.ts");
  if (!creates && place.kind === "sqlite" && !existsSync(place.file)) {
    const { findFileStore } = await import("../../tracking/import/find-file-store.ts");
    if ((await findFileStore(place.file)) === null) throw nothingThere(uri, place.file);
  }
  const tracking = await openTracking({
    backendStoreUri,
    artifactsDestination: env["TRIMARAN_ARTIFACTS_DESTINATION"] || join(home, "artifacts"),
    env,
    onNotice,
  });
  if (tracking.notice !== null) onNotice(tracking.notice);
  return { transport: tracking.transport, close: () => tracking.close() };
}

function nothingThere(uri: string | null, file: string): Error {
  const problem =
    uri === null
      ? `\`MLFLOW_TRACKING_URI\` is not set, and there is no embedded store at ${file}`
      : `there is no store at ${file}`;
  return trimaranError("TRACKING_URI", { problem });
}

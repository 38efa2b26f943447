// The tracking server that the environment names: over HTTP, or an embedded store that the caller knows how to open.
import { trimaranError } from "../../base/errors.ts";
import type { HttpTransport } from "../../mlflow/client/http-transport.ts";
import { MlflowClient } from "../../mlflow/client/mlflow-client.ts";
import { type NetworkTransport, networkTransport } from "./network-transport.ts";
import { type Environment, readTrackingSettings, type TrackingSettings } from "./tracking-settings.ts";

export interface TrackingOptions {
  /** @default the process's */
  readonly env?: Environment;
  /** The folder that we keep everything for a user in. @default `TRIMARAN_HOME`, else `.trimaran` */
  readonly home?: string;
  /** Forbids what is in the cache while the server does not answer. @default `TRIMARAN_REQUIRE_TRACKING` */
  readonly requireTracking?: boolean;
  /** Told what a user should know, in a sentence. @default a line on stderr */
  readonly onNotice?: (notice: string) => void;
  /** Opens `sqlite:///FILE`, a folder, or (null) the embedded store below `home`. */
  readonly openStore?: (uri: string | null) => Promise<HttpTransport>;
  /** What all entries of `cache/models` may take. @default 10 GiB */
  readonly maxCacheBytes?: number;
  /** @default `MLFLOW_HTTP_REQUEST_MAX_RETRIES`, else 4 */
  readonly maxRetries?: number;
}

export interface Tracking {
  readonly client: MlflowClient;
  readonly transport: HttpTransport;
  readonly settings: TrackingSettings;
  /** Null: an embedded store. */
  readonly network: NetworkTransport | null;
  /** Whether its word about places on this machine is taken. */
  readonly isLocal: boolean;
  close(): void;
}

/** @throws TRACKING_URI, FILE_NOT_READABLE */
export async function openTrackingClient(options: TrackingOptions = {}): Promise<Tracking> {
  const settings = await readTrackingSettings(options.env ?? process.env);
  const { uri, authorization, tls, idleMs } = settings;
  if (uri !== null && /^https?:/i.test(uri)) {
    const maxRetries = options.maxRetries ?? settings.maxRetries;
    const network = networkTransport({ url: uri, authorization, tls, idleMs, maxRetries });
    const client = new MlflowClient({ transport: network });
    const { isLoopback: isLocal } = network;
    return { client, transport: network, settings, network, isLocal, close: () => network.close() };
  }
  if (options.openStore === undefined) {
    throw trimaranError("TRACKING_URI", {
      problem: uri === null ? "`MLFLOW_TRACKING_URI` is not set" : "this command opens no store of its own",
    });
  }
  const transport = await options.openStore(uri);
  const client = new MlflowClient({ transport });
  return { client, transport, settings, network: null, isLocal: true, close: () => {} };
}

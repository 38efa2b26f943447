// The tracking server that the environment names: over HTTP, or a store that is opened in this process.
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
  /** Makes a store in this process where there is none yet. @default false: that is an error */
  readonly createsStore?: boolean;
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
  /** Of a network at once; a store is closed when what it is writing is written. */
  close(): Promise<void>;
}

/** @throws TRACKING_URI, FILE_NOT_READABLE, and of a store in this process STORE_* */
export async function openTrackingClient(options: TrackingOptions = {}): Promise<Tracking> {
  const env = options.env ?? process.env;
  const settings = await readTrackingSettings(env);
  const { uri, authorization, tls, idleMs } = settings;
  if (uri !== null && /^https?:/i.test(uri)) {
    const maxRetries = options.maxRetries ?? settings.maxRetries;
    const network = networkTransport({ url: uri, authorization, tls, idleMs, maxRetries });
    const client = new MlflowClient({ transport: network });
    const { isLoopback: isLocal } = network;
    return { client, transport: network, settings, network, isLocal, close: async () => network.close() };
  }
  const { openEmbeddedStore } = await import("./embedded-store.ts");
  const { transport, close } = await openEmbeddedStore(uri, {
    env,
    home: homeOf(options),
    creates: options.createsStore ?? false,
    onNotice: options.onNotice ?? ((notice) => void process.stderr.write(`${notice}\n`)),
  });
  return { client: new MlflowClient({ transport }), transport, settings, network: null, isLocal: true, close };
}

/** The folder that we keep everything for a user in. */
export function homeOf({ home, env = process.env }: Pick<TrackingOptions, "home" | "env">): string {
  return home ?? (env["TRIMARAN_HOME"] || ".trimaran");
}

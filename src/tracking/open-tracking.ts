// The tracking server: a store and its artifacts, answered over a port or, without one, in this process.
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { trimaranError } from "../base/errors.ts";
import type { HttpTransport, TransportAnswer } from "../mlflow/client/http-transport.ts";
import { artifactRootOf, openArtifacts } from "./artifacts/open-artifacts.ts";
import type { ServerContext } from "./handlers/handler.ts";
import { makeApp } from "./http/app.ts";
import type { HttpAnswer } from "./http/exchange.ts";
import type { GuardOptions } from "./http/guards.ts";
import { type Listening, serveApp } from "./http/serve.ts";
import { ensureDefaultExperiment } from "./store/experiments.ts";
import { openSchema } from "./store/schema/open-schema.ts";
import { type StorePlace, storePlace } from "./store-uri.ts";

export interface TrackingOptions {
  /** `sqlite:///FILE`, a folder that keeps `trimaran.db`, or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`. */
  readonly backendStoreUri: string;
  /** Where artifacts are kept that go through this server: a folder, or `s3://bucket/prefix`. */
  readonly artifactsDestination: string;
  /** Where new experiments keep their artifacts: also `s3://…` or a folder, which clients write to themselves. @default mlflow-artifacts:/ */
  readonly defaultArtifactRoot?: string;
  /** False: no artifact goes through this server. @default true */
  readonly servesArtifacts?: boolean;
  /** Nothing but artifacts is answered over a port. @default false */
  readonly isArtifactsOnly?: boolean;
  /** Of one artifact that is sent through this server. @default no limit but the store's */
  readonly maxArtifactBytes?: number;
  /** For S3 (`AWS_*`, `MLFLOW_S3_ENDPOINT_URL`), and `MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD|DOWNLOAD`. @default the process's */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Prefixes of locations that clients may give an experiment, beside s3:// and mlflow-artifacts:/. @default none */
  readonly allowedLocations?: readonly string[];
  /** Failures that a client did not cause. @default nothing */
  readonly onFailure?: (error: unknown) => void;
}

export interface ListenOptions extends Partial<GuardOptions> {
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** 0 takes a free one. @default 5000 */
  readonly port?: number;
}

export interface Tracking extends AsyncDisposable {
  /** For messages: the SQLite file, or `host:port/database`. */
  readonly name: string;
  /** What the user should know of the store; null when there is nothing. */
  readonly notice: string | null;
  /** For clients in this process. */
  readonly transport: HttpTransport;
  /** @throws the system's error when the port is taken */
  listen(options?: ListenOptions): Promise<Listening>;
  /** Closes the store; what listens must be closed before. */
  close(): Promise<void>;
}

/** @throws STORE_URI, STORE_OLD, STORE_FOREIGN, STORE_FILE, STORE_LOCKED, STORE_UNREACHABLE, STORE_REFUSED, STORE_MISSING */
export async function openTracking(options: TrackingOptions): Promise<Tracking> {
  const {
    artifactsDestination,
    allowedLocations = [],
    defaultArtifactRoot = "mlflow-artifacts:/",
    servesArtifacts: isServed = true,
    isArtifactsOnly = false,
    maxArtifactBytes: maxFileBytes,
    env = process.env,
    onFailure = () => {},
  } = options;
  const place = storePlace(options.backendStoreUri);
  if (place.kind === "sqlite") {
    await mkdir(dirname(place.file), { recursive: true });
    await assertNoFileStore(place.file);
  }
  const { database, notice } = await openSchema(place);
  const defaultRoot = artifactRootOf(defaultArtifactRoot);
  const store = { database, now: Date.now, artifactRoot: defaultRoot, allowedLocations };
  await ensureDefaultExperiment(store);
  const places = { destination: artifactsDestination, defaultRoot, isServed };
  const opened = openArtifacts({ ...places, env, maxFileBytes, onFailure });
  const { places: artifacts, signing } = await orClosed(opened, database);
  const isTold = (name: string): boolean => isServed && /^(true|1)$/i.test(env[name] ?? "");
  const tells = {
    multipartUploads: isTold("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"),
    multipartDownloads: isTold("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"),
  };
  const context: ServerContext = { store, artifacts, signing, tells };
  const { name } = database;
  const page = pageText(name, place);
  const inside = makeApp({ context, guards: null, page, onFailure });
  const transport: HttpTransport = {
    name,
    send: async ({ method, target, headers = {}, body }) => {
      const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      return transportAnswer(await inside({ method, target, header: (name) => lower.get(name), body: bodyOf(body) }));
    },
  };
  return {
    name,
    notice,
    transport,
    listen: ({ host = "127.0.0.1", port = 5000, allowedHosts = [], allowedOrigins = [] } = {}) =>
      serveApp(makeApp({ context, isArtifactsOnly, guards: { allowedHosts, allowedOrigins }, page, onFailure }), {
        host,
        port,
      }),
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

async function orClosed<T>(opening: Promise<T>, database: { close(): Promise<void> }): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Runs that would not be seen are not passed over in silence. */
async function assertNoFileStore(file: string): Promise<void> {
  const folder = dirname(file);
  if (basename(file) !== "trimaran.db" || existsSync(file)) return;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && existsSync(join(folder, entry.name, "meta.yaml"))) {
      throw trimaranError("STORE_URI", {
        problem: `the folder ${folder} holds a file store of MLflow, which is not read`,
      });
    }
  }
}

async function* bodyOf(body: Uint8Array | string | null | undefined): AsyncIterable<Uint8Array> {
  if (body === null || body === undefined) return;
  yield typeof body === "string" ? new TextEncoder().encode(body) : body;
}

function transportAnswer({ status, headers, body }: HttpAnswer): TransportAnswer {
  const stream = typeof body === "string" ? bodyOf(body) : body;
  return { status, header: (name) => headers[name.toLowerCase()] ?? null, body: stream };
}

function pageText(name: string, { shown }: StorePlace): string {
  return `Trimaran's tracking server speaks MLflow's REST API.

Store: ${name}

MLflow's own user interface over the same store:
  mlflow ui --backend-store-uri ${shown}

Clients: MLFLOW_TRACKING_URI=<this address>
`;
}

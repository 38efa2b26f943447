// The tracking server: a store and its artifacts, answered over a port or, without one, in this process.
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { HttpTransport, TransportAnswer, TransportRequest } from "../mlflow/client/http-transport.ts";
import { AccessGate } from "./access/gate.ts";
import { type OpenedAccess, openAccess } from "./access/open-access.ts";
import type { Permission } from "./access/permission.ts";
import { artifactRootOf, openArtifacts } from "./artifacts/open-artifacts.ts";
import type { ServerContext } from "./handlers/handler.ts";
import { makeApp } from "./http/app.ts";
import type { HttpAnswer } from "./http/exchange.ts";
import type { GuardOptions } from "./http/guards.ts";
import { type Listening, serveApp } from "./http/serve.ts";
import { ReadPool } from "./reads/read-pool.ts";
import { ensureDefaultExperiment } from "./store/experiments.ts";
import { openSchema } from "./store/schema/open-schema.ts";
import type { TrackingStore } from "./store/tracking-store.ts";
import { type StorePlace, storePlace } from "./store-uri.ts";
import { WebhookSender, webhookSettings } from "./webhooks/webhook-sender.ts";

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
  /** Accounts, for whoever asks over a port. @default none: everybody may do everything */
  readonly access?: AccessOptions | undefined;
  /** Failures that a client did not cause. @default nothing */
  readonly onFailure?: (error: unknown) => void;
  /** Told how the import of a file store goes, and what was left out. @default nothing */
  readonly onNotice?: (notice: string) => void;
}

export interface AccessOptions {
  /** The SQLite file of users, rights and tokens. @default `access.db` beside the store's file, or in `folder` */
  readonly file?: string | undefined;
  /** For a store that is no file. */
  readonly folder: string;
  /** What every user may do where nothing was granted. @default READ */
  readonly defaultPermission?: Permission;
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
  /** Of the first administrator, when it was made now. */
  readonly accountsNotice: string | null;
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
    onNotice = () => {},
  } = options;
  const place = storePlace(options.backendStoreUri);
  if (place.kind === "sqlite") {
    await mkdir(dirname(place.file), { recursive: true });
  }
  const { database, notice } = await openSchema(place);
  const defaultRoot = artifactRootOf(defaultArtifactRoot);
  const store = { database, now: Date.now, artifactRoot: defaultRoot, allowedLocations };
  if (place.kind === "sqlite") await orClosed(importOnce(store, place.file, onNotice), database);
  await ensureDefaultExperiment(store);
  const places = { destination: artifactsDestination, defaultRoot, isServed };
  const opened = openArtifacts({ ...places, env, maxFileBytes, onFailure });
  const { places: artifacts, signing } = await orClosed(opened, database);
  const isTold = (name: string): boolean => isServed && /^(true|1)$/i.test(env[name] ?? "");
  const tells = {
    multipartUploads: isTold("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"),
    multipartDownloads: isTold("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"),
  };
  const webhooks = new WebhookSender(webhookSettings(env, onFailure));
  const context: ServerContext = { store, artifacts, signing, tells, webhooks };
  const accounts = await orClosed(accountsOf(options.access, place, env), database);
  const gate =
    accounts === null
      ? null
      : new AccessGate({
          access: accounts.access,
          store,
          defaultPermission: options.access?.defaultPermission ?? "READ",
        });
  // A client in this process asks one thing at a time, and is gone soon.
  const reads = place.kind === "sqlite" ? new ReadPool(place.file) : null;
  const close = async (): Promise<void> => {
    await webhooks.close();
    await reads?.[Symbol.asyncDispose]();
    await accounts?.access.close();
    await database.close();
  };
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
    accountsNotice: accounts?.notice ?? null,
    transport,
    listen: ({ host = "127.0.0.1", port = 5000, allowedHosts = [], allowedOrigins = [] } = {}) =>
      serveApp(
        makeApp({ context, isArtifactsOnly, guards: { allowedHosts, allowedOrigins }, gate, reads, page, onFailure }),
        {
          host,
          port,
        },
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function accountsOf(
  access: AccessOptions | undefined,
  place: StorePlace,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenedAccess | null> {
  if (access === undefined) return null;
  const folder = place.kind === "sqlite" ? dirname(place.file) : access.folder;
  return openAccess(access.file ?? join(folder, "access.db"), env);
}

async function orClosed<T>(opening: Promise<T>, database: { close(): Promise<void> }): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A file store that lies where the database is made is taken over first. */
async function importOnce(store: TrackingStore, file: string, onNotice: (notice: string) => void): Promise<void> {
  if ((await store.database.query("SELECT experiment_id FROM experiments LIMIT 1")).length > 0) return;
  const { findFileStore } = await import("./import/find-file-store.ts");
  const folder = await findFileStore(file);
  if (folder === null) return;
  const { importFileStore, importNotices } = await import("./import/import-file-store.ts");
  onNotice(`Importing the file store ${folder}.`);
  const report = await importFileStore(store, { folder, onProgress: onNotice });
  if (report !== null) for (const notice of importNotices(folder, report)) onNotice(notice);
}

async function* bodyOf(body: TransportRequest["body"]): AsyncIterable<Uint8Array> {
  if (body === null || body === undefined) return;
  if (typeof body === "object" && "open" in body) yield* body.open();
  else yield typeof body === "string" ? new TextEncoder().encode(body) : body;
}

function transportAnswer({ status, headers, body }: HttpAnswer): TransportAnswer {
  const stream = typeof body === "string" || body instanceof Uint8Array ? bodyOf(body) : body;
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

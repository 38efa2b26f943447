// What a handler is: the request as the endpoint's table reads it, and the answer as it writes it.

import type { EndpointName, EndpointTable } from "../../mlflow/endpoint-table.ts";
import type { AnswerInput, Endpoint, RequestOf } from "../../mlflow/wire/endpoint.ts";
import type { AccessStore } from "../access/access-store.ts";
import type { Identity } from "../access/authenticator.ts";
import type { Permission } from "../access/permission.ts";
import type { ArtifactPlaces } from "../artifacts/artifact-location.ts";
import type { UrlSigning } from "../artifacts/signed-path.ts";
import type { TrackingStore } from "../store/tracking-store.ts";
import type { WebhookSender } from "../webhooks/webhook-sender.ts";

/** Who asks. */
export interface Caller {
  /** How the client names this server: `http://host:port`; null in this process. */
  readonly base: string | null;
  /** Null: the server has no accounts, or the route asks for none. */
  readonly identity: Identity | null;
  readonly access: AccessStore | null;
  /** Where nothing was granted. */
  readonly defaultPermission: Permission;
}

/** What lasts as long as the server. */
export interface ServerContext {
  readonly store: TrackingStore;
  readonly artifacts: ArtifactPlaces;
  /** Null: URLs are signed by the artifact store, or there are none. */
  readonly signing: UrlSigning | null;
  /** What the operator tells clients to use by themselves. */
  readonly tells: { readonly multipartUploads: boolean; readonly multipartDownloads: boolean };
  /** Null: nothing is delivered, as by a thread that only reads. */
  readonly webhooks: WebhookSender | null;
}

export interface TrackingContext extends ServerContext {
  readonly caller: Caller;
}

export type Handler<E extends Endpoint> = (request: RequestOf<E>, context: TrackingContext) => Promise<AnswerInput<E>>;

export type Handlers<Names extends EndpointName> = { readonly [Name in Names]: Handler<EndpointTable[Name]> };

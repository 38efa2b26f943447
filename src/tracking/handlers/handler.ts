// What a handler is: the request as the endpoint's table reads it, and the answer as it writes it.

import type { EndpointName, EndpointTable } from "../../mlflow/endpoint-table.ts";
import type { AnswerInput, Endpoint, RequestOf } from "../../mlflow/wire/endpoint.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { TrackingStore } from "../store/tracking-store.ts";

export interface TrackingContext {
  readonly store: TrackingStore;
  readonly artifacts: ArtifactStore;
}

export type Handler<E extends Endpoint> = (request: RequestOf<E>, context: TrackingContext) => Promise<AnswerInput<E>>;

export type Handlers<Names extends EndpointName> = { readonly [Name in Names]: Handler<EndpointTable[Name]> };

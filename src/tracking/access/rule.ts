// What a rule is: it looks at a request before its handler does, and at the answer before the client does.
import type { EndpointName, EndpointTable } from "../../mlflow/endpoint-table.ts";
import type { AnswerInput, Endpoint, RequestOf } from "../../mlflow/wire/endpoint.ts";
import type { Right } from "./permission.ts";
import type { Reach } from "./reach.ts";

export interface AfterCall<E extends Endpoint> {
  readonly request: RequestOf<E>;
  readonly reach: Reach;
  /** The handler's answer to another request, such as one for the next page. */
  readonly again: (request: RequestOf<E>) => Promise<AnswerInput<E>>;
}

export interface Rule<E extends Endpoint = Endpoint> {
  /** The request, or one that asks for less; null: nothing is left to be asked. @throws WireError PERMISSION_DENIED */
  before(request: RequestOf<E>, reach: Reach): Promise<RequestOf<E> | null>;
  after?(answer: AnswerInput<E>, call: AfterCall<E>): Promise<AnswerInput<E>>;
}

/** No account is asked for. */
export const open = "open";

/** The rules of these endpoints. */
export type Rules<Name extends EndpointName> = { readonly [Each in Name]: Rule<EndpointTable[Each]> | typeof open };

/** Lets requests with such fields through as they are, or not at all. */
export interface Allowing<Request> {
  before<R extends Request>(request: R, reach: Reach): Promise<R>;
}

/** A rule that lets a request through as it is, or not at all. */
export function allow<Request>(check: (request: Request, reach: Reach) => Promise<void> | void): Allowing<Request> {
  return {
    async before(request, reach) {
      await check(request, reach);
      return request;
    },
  };
}

type ExperimentRequest = { readonly experiment_id?: string };
type RunRequest = { readonly run_id?: string; readonly run_uuid?: string };
type ModelRequest = { readonly name?: string };
type LoggedModelRequest = { readonly model_id: string };
type TraceRequest = { readonly trace_id?: string; readonly request_id?: string };
type DatasetRequest = { readonly dataset_id: string };

export const anyone: Allowing<unknown> = allow(() => {});
export const admins: Allowing<unknown> = allow((_: unknown, reach: Reach) => reach.admin());

export const onExperiment = (right: Right): Allowing<ExperimentRequest> =>
  allow(({ experiment_id }: ExperimentRequest, reach) => reach.experiment(experiment_id || "0", right));

export const onRun = (right: Right): Allowing<RunRequest> =>
  allow(async ({ run_id, run_uuid }: RunRequest, reach) => {
    // Handlers take either, so both must be allowed.
    for (const id of [run_id, run_uuid]) if (id) await reach.run(id, right);
  });

export const onModel = (right: Right): Allowing<ModelRequest> =>
  allow(({ name = "" }: ModelRequest, reach) => reach.model(name, right));

export const onLoggedModel = (right: Right): Allowing<LoggedModelRequest> =>
  allow(({ model_id }: LoggedModelRequest, reach) => reach.loggedModel(model_id, right));

export const onTrace = (right: Right): Allowing<TraceRequest> =>
  allow(async ({ trace_id, request_id }: TraceRequest, reach) => {
    for (const id of [trace_id, request_id]) if (id) await reach.trace(id, right);
  });

export const onDataset = (right: Right): Allowing<DatasetRequest> =>
  allow(({ dataset_id }: DatasetRequest, reach) => reach.dataset(dataset_id, right));

interface Within {
  before<R extends { readonly experiment_ids: readonly string[] }>(request: R, reach: Reach): Promise<R | null>;
}

/** Only what may be read of the experiments that are named; without any, nothing. */
export const withinExperiments: Within = {
  async before<R extends { readonly experiment_ids: readonly string[] }>(request: R, reach: Reach): Promise<R | null> {
    const experiment_ids = await kept(request.experiment_ids, (id) => reach.canExperiment(id, "read"));
    return experiment_ids.length === 0 ? null : { ...request, experiment_ids };
  },
};

export async function kept<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const left: T[] = [];
  for (const item of items) if (await test(item)) left.push(item);
  return left;
}

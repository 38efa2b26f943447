// Every endpoint that this server answers with JSON. What is not here is not routed.
import { type EndpointName, endpointTable } from "../../mlflow/endpoint-table.ts";
import type { Endpoint } from "../../mlflow/wire/endpoint.ts";
import { accessHandlers } from "../access/access-handlers.ts";
import { registryEvents, tellWebhooks } from "../webhooks/registry-events.ts";
import { artifactHandlers } from "./artifacts.ts";
import { datasetHandlers } from "./datasets.ts";
import { experimentHandlers } from "./experiments.ts";
import type { Handler } from "./handler.ts";
import { loggedModelHandlers } from "./logged-models.ts";
import { metricHandlers } from "./metrics.ts";
import { modelVersionHandlers } from "./model-versions.ts";
import { registeredModelHandlers } from "./registered-models.ts";
import { runHandlers } from "./runs.ts";
import { scorerHandlers } from "./scorers.ts";
import { serverHandlers } from "./server.ts";
import { traceMetricHandlers } from "./trace-metrics.ts";
import { traceWritingHandlers } from "./trace-writing.ts";
import { traceHandlers } from "./traces.ts";
import { webhookHandlers } from "./webhooks.ts";

/** What webhooks are to hear of is told when it is done. */
function heard(name: string, handler: Handler<Endpoint>): Handler<Endpoint> {
  const tell = registryEvents.get(name);
  if (tell === undefined) return handler;
  return async (request, context) => {
    const answer = await handler(request, context);
    await tellWebhooks(context, () => tell(request, answer));
    return answer;
  };
}

const handlers = {
  ...accessHandlers,
  ...experimentHandlers,
  ...runHandlers,
  ...metricHandlers,
  ...artifactHandlers,
  ...registeredModelHandlers,
  ...modelVersionHandlers,
  ...loggedModelHandlers,
  ...serverHandlers,
  ...webhookHandlers,
  ...datasetHandlers,
  ...scorerHandlers,
  ...traceHandlers,
  ...traceWritingHandlers,
  ...traceMetricHandlers,
};

export interface Answered {
  readonly endpoint: Endpoint;
  readonly handler: Handler<Endpoint>;
}

export const answeredEndpoints: readonly Answered[] = Object.entries(handlers).map(([name, handler]) => ({
  endpoint: endpointTable[name as EndpointName],
  // The table's types hold each handler to its own endpoint.
  handler: heard(name, handler as unknown as Handler<Endpoint>),
}));

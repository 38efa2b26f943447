// Every endpoint that we know, by name: the client and the server are both built on this table, and so is docs/mlflow-compatibility.md.
import { accessEndpoints } from "./endpoints/access.ts";
import { artifactsEndpoints } from "./endpoints/artifacts.ts";
import { datasetsEndpoints } from "./endpoints/datasets.ts";
import { experimentsEndpoints } from "./endpoints/experiments.ts";
import { loggedModelsEndpoints } from "./endpoints/logged-models.ts";
import { metricsEndpoints } from "./endpoints/metrics.ts";
import { registryEndpoints } from "./endpoints/registry.ts";
import { runsEndpoints } from "./endpoints/runs.ts";
import { scorersEndpoints } from "./endpoints/scorers.ts";
import { serverEndpoints } from "./endpoints/server.ts";
import { tracesEndpoints } from "./endpoints/traces.ts";
import { webhooksEndpoints } from "./endpoints/webhooks.ts";

export const endpointTable: typeof accessEndpoints &
  typeof artifactsEndpoints &
  typeof datasetsEndpoints &
  typeof experimentsEndpoints &
  typeof loggedModelsEndpoints &
  typeof metricsEndpoints &
  typeof registryEndpoints &
  typeof runsEndpoints &
  typeof scorersEndpoints &
  typeof serverEndpoints &
  typeof tracesEndpoints &
  typeof webhooksEndpoints = {
  ...accessEndpoints,
  ...artifactsEndpoints,
  ...datasetsEndpoints,
  ...experimentsEndpoints,
  ...loggedModelsEndpoints,
  ...metricsEndpoints,
  ...registryEndpoints,
  ...runsEndpoints,
  ...scorersEndpoints,
  ...serverEndpoints,
  ...tracesEndpoints,
  ...webhooksEndpoints,
};

export type EndpointTable = typeof endpointTable;
export type EndpointName = keyof EndpointTable;

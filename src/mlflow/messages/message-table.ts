// Every message of MLflow's wire protocol that an endpoint speaks of, by name.
import { artifactsMessages } from "./artifacts.ts";
import { evaluationMessages } from "./evaluation.ts";
import { loggedModelsMessages } from "./logged-models.ts";
import { registryMessages } from "./registry.ts";
import { runsMessages } from "./runs.ts";
import { tracesMessages } from "./traces.ts";
import { webhooksMessages } from "./webhooks.ts";

export const messageTable: typeof artifactsMessages &
  typeof evaluationMessages &
  typeof loggedModelsMessages &
  typeof registryMessages &
  typeof runsMessages &
  typeof tracesMessages &
  typeof webhooksMessages = {
  ...artifactsMessages,
  ...evaluationMessages,
  ...loggedModelsMessages,
  ...registryMessages,
  ...runsMessages,
  ...tracesMessages,
  ...webhooksMessages,
};

// The endpoints of MLflow's server.

import { getHealth } from "./server/get-health.ts";
import { getLoggedModelArtifact } from "./server/get-logged-model-artifact.ts";
import { getMetricHistoryBulk } from "./server/get-metric-history-bulk.ts";
import { getModelVersionArtifact } from "./server/get-model-version-artifact.ts";
import { getRunArtifact } from "./server/get-run-artifact.ts";
import { getServerInfo } from "./server/get-server-info.ts";
import { getTraceArtifact } from "./server/get-trace-artifact.ts";
import { getVersion } from "./server/get-version.ts";
import { uploadRunArtifact } from "./server/upload-run-artifact.ts";

export const serverEndpoints: {
  readonly getServerInfo: typeof getServerInfo;
  readonly getHealth: typeof getHealth;
  readonly getVersion: typeof getVersion;
  readonly getRunArtifact: typeof getRunArtifact;
  readonly getModelVersionArtifact: typeof getModelVersionArtifact;
  readonly getMetricHistoryBulk: typeof getMetricHistoryBulk;
  readonly uploadRunArtifact: typeof uploadRunArtifact;
  readonly getTraceArtifact: typeof getTraceArtifact;
  readonly getLoggedModelArtifact: typeof getLoggedModelArtifact;
} = {
  getServerInfo,
  getHealth,
  getVersion,
  getRunArtifact,
  getModelVersionArtifact,
  getMetricHistoryBulk,
  uploadRunArtifact,
  getTraceArtifact,
  getLoggedModelArtifact,
};

// The endpoints of MLflow's metrics.

import { getMetricHistory } from "./metrics/get-metric-history.ts";
import { getMetricHistoryBulkInterval } from "./metrics/get-metric-history-bulk-interval.ts";
import { logBatch } from "./metrics/log-batch.ts";
import { logMetric } from "./metrics/log-metric.ts";

export const metricsEndpoints: {
  readonly logMetric: typeof logMetric;
  readonly getMetricHistory: typeof getMetricHistory;
  readonly getMetricHistoryBulkInterval: typeof getMetricHistoryBulkInterval;
  readonly logBatch: typeof logBatch;
} = {
  logMetric,
  getMetricHistory,
  getMetricHistoryBulkInterval,
  logBatch,
};

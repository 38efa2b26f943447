// The history of metrics, in pages and in bulk.
import { pageLimits } from "../../mlflow/wire/limits.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { pageSize, readPageToken, writePageToken } from "../search/page.ts";
import { metricHistory } from "../store/metrics.ts";
import type { Handlers } from "./handler.ts";

const maxBulkRuns = 100;

export const metricHandlers: Handlers<"getMetricHistory" | "getMetricHistoryBulk"> = {
  getMetricHistory: async ({ run_id, metric_key, page_token, max_results }, { store }) => {
    const offset = readPageToken(page_token);
    const size =
      max_results === undefined || max_results === 0
        ? pageLimits.metricHistory.max
        : pageSize(max_results, { ...pageLimits.metricHistory, max: 2 ** 31 });
    const limit = Math.min(size, pageLimits.metricHistory.max);
    const metrics = await metricHistory(store.database, { runId: run_id, key: metric_key, limit: limit + 1, offset });
    const hasMore = metrics.length > limit;
    return {
      metrics: hasMore ? metrics.slice(0, limit) : metrics,
      next_page_token: hasMore ? writePageToken(offset + limit) : undefined,
    };
  },
  getMetricHistoryBulk: async ({ run_id, metric_key, max_results }, { store }) => {
    if (run_id.length > maxBulkRuns)
      throw invalidParameter(
        `GetMetricHistoryBulk request cannot specify more than ${maxBulkRuns} run_ids. Received ${run_id.length} run_ids.`,
      );
    let left = Math.min(
      pageSize(max_results, { ...pageLimits.metricHistory, max: 2 ** 31 }),
      pageLimits.metricHistory.max,
    );
    const metrics = [];
    for (const runId of [...new Set(run_id)].sort()) {
      const points = await metricHistory(store.database, { runId, key: metric_key, limit: left, offset: 0 });
      metrics.push(...points.map((point) => ({ ...point, run_id: runId })));
      left -= points.length;
      if (left <= 0) break;
    }
    return { metrics };
  },
};

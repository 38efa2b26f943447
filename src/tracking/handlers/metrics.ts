// The history of metrics, in pages and in bulk.
import { pageLimits } from "../../mlflow/wire/limits.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { pageSize, readHistoryToken, writeHistoryToken } from "../search/page.ts";
import { historyPlace, metricAnswer, metricHistory } from "../store/metrics.ts";
import type { Handlers } from "./handler.ts";

const maxBulkRuns = 100;

export const metricHandlers: Handlers<"getMetricHistory" | "getMetricHistoryBulk"> = {
  getMetricHistory: async ({ run_id, metric_key, page_token, max_results }, { store }) => {
    const { after, offset } = readHistoryToken(page_token);
    const size =
      max_results === undefined || max_results === 0
        ? pageLimits.metricHistory.max
        : pageSize(max_results, { ...pageLimits.metricHistory, max: 2 ** 31 });
    const limit = Math.min(size, pageLimits.metricHistory.max);
    const page = { runId: run_id, key: metric_key, limit: limit + 1, after, offset };
    const rows = await metricHistory(store.database, page);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      metrics: (last === undefined ? rows : rows.slice(0, limit)).map(metricAnswer),
      next_page_token: last === undefined ? undefined : writeHistoryToken(historyPlace(last)),
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
      const points = await metricHistory(store.database, { runId, key: metric_key, limit: left });
      for (const point of points) metrics.push({ ...metricAnswer(point), run_id: runId });
      left -= points.length;
      if (left <= 0) break;
    }
    return { metrics };
  },
};

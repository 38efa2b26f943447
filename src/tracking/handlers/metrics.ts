// The history of metrics, in pages and in bulk.
import { pageLimits } from "../../mlflow/wire/limits.ts";
import { invalidParameter, missingParameter, seeDocs } from "../../mlflow/wire/wire-error.ts";
import { pageSize, readHistoryToken, writeHistoryToken } from "../search/page.ts";
import { historyPlace, metricAnswer, metricHistory, sampledHistory } from "../store/metrics.ts";
import type { Handlers } from "./handler.ts";

const maxBulkRuns = 100;
const maxSamples = 2500;

export const metricHandlers: Handlers<"getMetricHistory" | "getMetricHistoryBulk" | "getMetricHistoryBulkInterval"> = {
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
    if (run_id.length === 0) throw invalidParameter("GetMetricHistoryBulk request must specify at least one run_id.");
    if (metric_key === undefined || metric_key === "")
      throw invalidParameter("GetMetricHistoryBulk request must specify a metric_key.");
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
  getMetricHistoryBulkInterval: async (request, { store }) => {
    const { run_ids, metric_key, start_step, end_step, max_results = maxSamples } = request;
    if (run_ids.length === 0) throw missingParameter("run_ids");
    if (run_ids.length > maxBulkRuns) {
      throw invalidParameter(
        `GetMetricHistoryBulkInterval request must specify at most ${maxBulkRuns} run_ids. Received ${run_ids.length} run_ids. ${seeDocs}`,
      );
    }
    if (max_results < 1 || max_results > maxSamples) {
      throw invalidParameter(`max_results must be between 1 and ${maxSamples}. ${seeDocs}`);
    }
    if ((start_step === undefined) !== (end_step === undefined)) {
      throw invalidParameter("If either start step or end step are specified, both must be specified.");
    }
    if (start_step !== undefined && end_step !== undefined && start_step > end_step) {
      throw invalidParameter(
        `end_step must be greater than start_step. Found start_step=${start_step} and end_step=${end_step}.`,
      );
    }
    const steps = start_step === undefined || end_step === undefined ? null : ([start_step, end_step] as const);
    const metrics = [];
    for (const runId of run_ids) {
      const sample = { runId, key: metric_key, limit: max_results, steps };
      for (const point of await sampledHistory(store.database, sample)) {
        metrics.push({ ...metricAnswer(point), run_id: runId });
      }
    }
    return { metrics };
  },
};

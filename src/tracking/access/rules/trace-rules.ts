// Traces, assessments and evaluation data sets: the right to their experiments decides.
import type { DatasetNames } from "../../handlers/datasets.ts";
import type { TraceWritingNames } from "../../handlers/trace-writing.ts";
import type { TraceNames } from "../../handlers/traces.ts";
import { denied } from "../reach.ts";
import { allow, kept, onDataset, onExperiment, onTrace, type Rules, withinExperiments } from "../rule.ts";
import { visible } from "../visible-pages.ts";

const onTracesOf = allow(
  async (request: { readonly experiment_id: string; readonly request_ids: readonly string[] }, reach) => {
    await reach.experiment(request.experiment_id, "manage");
    for (const id of request.request_ids) await reach.trace(id, "manage");
  },
);

const readableTraces = {
  async before<R extends { readonly trace_ids: readonly string[]; readonly experiment_ids: readonly string[] }>(
    request: R,
    reach: import("../reach.ts").Reach,
  ): Promise<R | null> {
    const trace_ids = await kept(request.trace_ids, (id) => reach.canTrace(id, "read"));
    return trace_ids.length === 0 ? null : { ...request, trace_ids };
  },
};

type Found = { readonly datasets?: readonly { readonly dataset_id?: string }[]; readonly next_page_token?: string };

type TraceEndpoint =
  | TraceNames
  | TraceWritingNames
  | Exclude<DatasetNames, "searchDatasets">
  | "getTraceArtifact"
  | "queryTraceMetrics";

export const traceRules: Rules<TraceEndpoint> = {
  startTrace: onExperiment("update"),
  endTrace: onTrace("update"),
  startTraceV3: {
    async before(request, reach) {
      const { trace_id, trace_location } = request.trace.trace_info ?? {};
      const experimentId = trace_location?.mlflow_experiment?.experiment_id;
      if (!experimentId) throw denied();
      await reach.experiment(experimentId, "update");
      if (trace_id) await reach.trace(trace_id, "update");
      return request;
    },
  },
  getTraceInfo: onTrace("read"),
  getTraceInfoV3: onTrace("read"),
  getTrace: onTrace("read"),
  getTraceArtifact: onTrace("read"),
  batchGetTraces: readableTraces,
  batchGetTraceInfos: readableTraces,
  searchTraces: withinExperiments,
  searchTracesV3: {
    async before(request, reach) {
      const locations = await kept(request.locations, async ({ mlflow_experiment }) => {
        const id = mlflow_experiment?.experiment_id;
        return id !== undefined && (await reach.canExperiment(id, "read"));
      });
      return locations.length === 0 ? null : { ...request, locations };
    },
  },
  setTraceTag: onTrace("update"),
  setTraceTagV3: onTrace("update"),
  deleteTraceTag: onTrace("update"),
  deleteTraceTagV3: onTrace("update"),
  linkTracesToRun: allow(async (request: { readonly run_id: string; readonly trace_ids: readonly string[] }, reach) => {
    await reach.run(request.run_id, "update");
    for (const id of request.trace_ids) await reach.trace(id, "update");
  }),
  linkPromptsToTrace: allow(
    async (
      request: { readonly trace_id: string; readonly prompt_versions: readonly { readonly name?: string }[] },
      reach,
    ) => {
      await reach.trace(request.trace_id, "update");
      for (const { name } of request.prompt_versions) if (name) await reach.model(name, "read");
    },
  ),
  deleteTraces: onTracesOf,
  deleteTracesV3: onTracesOf,
  calculateTraceFilterCorrelation: withinExperiments,
  queryTraceMetrics: withinExperiments,
  getAssessment: onTrace("read"),
  createAssessment: {
    async before(request, reach) {
      for (const id of [request.trace_id, request.assessment.trace_id]) if (id) await reach.trace(id, "update");
      return request;
    },
  },
  updateAssessment: {
    async before(request, reach) {
      for (const id of [request.trace_id, request.assessment.trace_id]) if (id) await reach.trace(id, "update");
      return request;
    },
  },
  deleteAssessment: onTrace("update"),
  createDataset: allow((request: { readonly experiment_ids: readonly string[] }, reach) =>
    reach.experiments(request.experiment_ids, "update"),
  ),
  getDataset: onDataset("read"),
  deleteDataset: onDataset("manage"),
  searchEvaluationDatasets: {
    before: async (request) => request,
    after: visible({
      items: (answer: Found) => answer.datasets ?? [],
      isVisible: (item, reach) => reach.canDataset(item.dataset_id ?? "", "read"),
      withItems: (answer, datasets) => ({ ...answer, datasets }),
    }),
  },
  setDatasetTags: onDataset("update"),
  deleteDatasetTag: onDataset("update"),
  upsertDatasetRecords: onDataset("update"),
  getDatasetExperimentIds: onDataset("read"),
  getDatasetRecords: onDataset("read"),
  deleteDatasetRecords: onDataset("update"),
  addDatasetToExperiments: {
    async before(request, reach) {
      await reach.dataset(request.dataset_id, "update");
      await reach.experiments(request.experiment_ids, "update");
      return request;
    },
  },
  removeDatasetFromExperiments: {
    async before(request, reach) {
      await reach.dataset(request.dataset_id, "update");
      await reach.experiments(request.experiment_ids, "update");
      return request;
    },
  },
};

// Experiments, runs, metrics, logged models and scorers: the right to the experiment decides.
import { allow, kept, onExperiment, onLoggedModel, onRun, open, type Rules, withinExperiments } from "../rule.ts";
import { visible } from "../visible-pages.ts";

/** Metrics may be those of a logged model, too. */
const onRunAndModels = allow(
  async (
    request: {
      readonly run_id: string;
      readonly model_id?: string;
      readonly metrics?: readonly { readonly model_id?: string }[];
      readonly models?: readonly { readonly model_id?: string }[];
    },
    reach,
  ) => {
    await reach.run(request.run_id, "update");
    const named = [request, ...(request.metrics ?? []), ...(request.models ?? [])];
    const ids = new Set(named.flatMap(({ model_id }) => (model_id ? [model_id] : [])));
    for (const id of ids) await reach.loggedModel(id, "update");
  },
);

const withExperiment = visible({
  items: (answer: {
    readonly experiments?: readonly { readonly experiment_id?: string }[];
    readonly next_page_token?: string;
  }) => answer.experiments ?? [],
  isVisible: (item, reach) => reach.canExperiment(item.experiment_id ?? "", "read"),
  withItems: (answer, experiments) => ({ ...answer, experiments }),
});

type ExperimentEndpoint =
  | "createExperiment"
  | "getExperiment"
  | "getExperimentByName"
  | "searchExperiments"
  | "updateExperiment"
  | "deleteExperiment"
  | "restoreExperiment"
  | "setExperimentTag"
  | "deleteExperimentTag"
  | "createRun"
  | "getRun"
  | "searchRuns"
  | "updateRun"
  | "deleteRun"
  | "restoreRun"
  | "logParam"
  | "setTag"
  | "deleteTag"
  | "logModel"
  | "logInputs"
  | "logOutputs"
  | "logMetric"
  | "logBatch"
  | "getMetricHistory"
  | "getMetricHistoryBulk"
  | "getMetricHistoryBulkInterval"
  | "searchDatasets"
  | "createLoggedModel"
  | "getLoggedModel"
  | "finalizeLoggedModel"
  | "deleteLoggedModel"
  | "searchLoggedModels"
  | "setLoggedModelTags"
  | "deleteLoggedModelTag"
  | "listLoggedModelArtifacts"
  | "logLoggedModelParams"
  | "getLoggedModelArtifact"
  | "registerScorer"
  | "listScorers"
  | "listScorerVersions"
  | "getScorer"
  | "deleteScorer"
  | "getServerInfo"
  | "getHealth";

export const experimentRules: Rules<ExperimentEndpoint> = {
  createExperiment: {
    async before(request, reach) {
      if (request.artifact_location) await reach.newLocation(request.artifact_location);
      return request;
    },
    async after(answer, { reach }) {
      const { experiment_id = "" } = answer;
      await reach.access.forget("experiment", experiment_id);
      await reach.access.grant(reach.user.id, { kind: "experiment", resource: experiment_id, permission: "MANAGE" });
      return answer;
    },
  },
  getExperiment: onExperiment("read"),
  getExperimentByName: allow(({ experiment_name }: { readonly experiment_name: string }, reach) =>
    reach.experimentNamed(experiment_name, "read"),
  ),
  searchExperiments: { before: async (request) => request, after: withExperiment },
  updateExperiment: onExperiment("update"),
  deleteExperiment: onExperiment("manage"),
  restoreExperiment: onExperiment("manage"),
  setExperimentTag: onExperiment("update"),
  deleteExperimentTag: onExperiment("update"),
  createRun: onExperiment("update"),
  getRun: onRun("read"),
  searchRuns: withinExperiments,
  updateRun: onRun("update"),
  deleteRun: onRun("manage"),
  restoreRun: onRun("manage"),
  logParam: onRun("update"),
  setTag: onRun("update"),
  deleteTag: onRun("update"),
  logModel: onRun("update"),
  logInputs: allow(
    async (request: { readonly run_id: string; readonly models: readonly { readonly model_id?: string }[] }, reach) => {
      await reach.run(request.run_id, "update");
      for (const { model_id } of request.models) if (model_id) await reach.loggedModel(model_id, "read");
    },
  ),
  logOutputs: onRunAndModels,
  logMetric: onRunAndModels,
  logBatch: onRunAndModels,
  getMetricHistory: onRun("read"),
  getMetricHistoryBulk: allow(async (request: { readonly run_id: readonly string[] }, reach) => {
    for (const id of request.run_id) await reach.run(id, "read");
  }),
  getMetricHistoryBulkInterval: allow(async (request: { readonly run_ids: readonly string[] }, reach) => {
    for (const id of request.run_ids) await reach.run(id, "read");
  }),
  searchDatasets: withinExperiments,
  createLoggedModel: allow(
    async (request: { readonly experiment_id: string; readonly source_run_id?: string }, reach) => {
      await reach.experiment(request.experiment_id, "update");
      // A version that names the run may then point at this model.
      if (request.source_run_id) await reach.run(request.source_run_id, "update");
    },
  ),
  getLoggedModel: onLoggedModel("read"),
  finalizeLoggedModel: onLoggedModel("update"),
  deleteLoggedModel: onLoggedModel("manage"),
  searchLoggedModels: withinExperiments,
  setLoggedModelTags: onLoggedModel("update"),
  deleteLoggedModelTag: onLoggedModel("update"),
  listLoggedModelArtifacts: onLoggedModel("read"),
  logLoggedModelParams: onLoggedModel("update"),
  getLoggedModelArtifact: onLoggedModel("read"),
  registerScorer: onExperiment("update"),
  listScorers: {
    async before(request, reach) {
      if (request.experiment_id) await reach.experiment(request.experiment_id, "read");
      if (request.experiment_ids.length === 0) return request.experiment_id || reach.user.isAdmin ? request : null;
      const experiment_ids = await kept(request.experiment_ids, (id) => reach.canExperiment(id, "read"));
      return experiment_ids.length === 0 && !request.experiment_id ? null : { ...request, experiment_ids };
    },
  },
  listScorerVersions: onExperiment("read"),
  getScorer: onExperiment("read"),
  deleteScorer: onExperiment("manage"),
  getServerInfo: open,
  getHealth: open,
};

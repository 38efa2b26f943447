// The endpoints of MLflow's experiments.

import { createExperiment } from "./experiments/create-experiment.ts";
import { deleteExperiment } from "./experiments/delete-experiment.ts";
import { deleteExperimentTag } from "./experiments/delete-experiment-tag.ts";
import { getExperiment } from "./experiments/get-experiment.ts";
import { getExperimentByName } from "./experiments/get-experiment-by-name.ts";
import { restoreExperiment } from "./experiments/restore-experiment.ts";
import { searchExperiments } from "./experiments/search-experiments.ts";
import { setExperimentTag } from "./experiments/set-experiment-tag.ts";
import { updateExperiment } from "./experiments/update-experiment.ts";

export const experimentsEndpoints: {
  readonly getExperimentByName: typeof getExperimentByName;
  readonly createExperiment: typeof createExperiment;
  readonly searchExperiments: typeof searchExperiments;
  readonly getExperiment: typeof getExperiment;
  readonly deleteExperiment: typeof deleteExperiment;
  readonly restoreExperiment: typeof restoreExperiment;
  readonly updateExperiment: typeof updateExperiment;
  readonly setExperimentTag: typeof setExperimentTag;
  readonly deleteExperimentTag: typeof deleteExperimentTag;
} = {
  getExperimentByName,
  createExperiment,
  searchExperiments,
  getExperiment,
  deleteExperiment,
  restoreExperiment,
  updateExperiment,
  setExperimentTag,
  deleteExperimentTag,
};

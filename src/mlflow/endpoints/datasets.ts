// The endpoints of MLflow's datasets.

import { addDatasetToExperiments } from "./datasets/add-dataset-to-experiments.ts";
import { createDataset } from "./datasets/create-dataset.ts";
import { deleteDataset } from "./datasets/delete-dataset.ts";
import { deleteDatasetRecords } from "./datasets/delete-dataset-records.ts";
import { deleteDatasetTag } from "./datasets/delete-dataset-tag.ts";
import { getDataset } from "./datasets/get-dataset.ts";
import { getDatasetExperimentIds } from "./datasets/get-dataset-experiment-ids.ts";
import { getDatasetRecords } from "./datasets/get-dataset-records.ts";
import { removeDatasetFromExperiments } from "./datasets/remove-dataset-from-experiments.ts";
import { searchDatasets } from "./datasets/search-datasets.ts";
import { searchEvaluationDatasets } from "./datasets/search-evaluation-datasets.ts";
import { setDatasetTags } from "./datasets/set-dataset-tags.ts";
import { upsertDatasetRecords } from "./datasets/upsert-dataset-records.ts";

export const datasetsEndpoints: {
  readonly searchDatasets: typeof searchDatasets;
  readonly createDataset: typeof createDataset;
  readonly getDataset: typeof getDataset;
  readonly deleteDataset: typeof deleteDataset;
  readonly searchEvaluationDatasets: typeof searchEvaluationDatasets;
  readonly setDatasetTags: typeof setDatasetTags;
  readonly deleteDatasetTag: typeof deleteDatasetTag;
  readonly upsertDatasetRecords: typeof upsertDatasetRecords;
  readonly getDatasetExperimentIds: typeof getDatasetExperimentIds;
  readonly getDatasetRecords: typeof getDatasetRecords;
  readonly deleteDatasetRecords: typeof deleteDatasetRecords;
  readonly addDatasetToExperiments: typeof addDatasetToExperiments;
  readonly removeDatasetFromExperiments: typeof removeDatasetFromExperiments;
} = {
  searchDatasets,
  createDataset,
  getDataset,
  deleteDataset,
  searchEvaluationDatasets,
  setDatasetTags,
  deleteDatasetTag,
  upsertDatasetRecords,
  getDatasetExperimentIds,
  getDatasetRecords,
  deleteDatasetRecords,
  addDatasetToExperiments,
  removeDatasetFromExperiments,
};

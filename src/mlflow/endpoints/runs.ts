// The endpoints of MLflow's runs.
import { createRun } from "./runs/create-run.ts";
import { deleteRun } from "./runs/delete-run.ts";
import { deleteTag } from "./runs/delete-tag.ts";
import { getRun } from "./runs/get-run.ts";
import { logInputs } from "./runs/log-inputs.ts";
import { logModel } from "./runs/log-model.ts";
import { logOutputs } from "./runs/log-outputs.ts";
import { logParam } from "./runs/log-param.ts";
import { restoreRun } from "./runs/restore-run.ts";
import { searchRuns } from "./runs/search-runs.ts";
import { setTag } from "./runs/set-tag.ts";
import { updateRun } from "./runs/update-run.ts";

export const runsEndpoints: {
  readonly createRun: typeof createRun;
  readonly updateRun: typeof updateRun;
  readonly deleteRun: typeof deleteRun;
  readonly restoreRun: typeof restoreRun;
  readonly logParam: typeof logParam;
  readonly setTag: typeof setTag;
  readonly deleteTag: typeof deleteTag;
  readonly getRun: typeof getRun;
  readonly searchRuns: typeof searchRuns;
  readonly logModel: typeof logModel;
  readonly logInputs: typeof logInputs;
  readonly logOutputs: typeof logOutputs;
} = {
  createRun,
  updateRun,
  deleteRun,
  restoreRun,
  logParam,
  setTag,
  deleteTag,
  getRun,
  searchRuns,
  logModel,
  logInputs,
  logOutputs,
};

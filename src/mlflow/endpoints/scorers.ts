// The endpoints of MLflow's scorers.

import { deleteScorer } from "./scorers/delete-scorer.ts";
import { getScorer } from "./scorers/get-scorer.ts";
import { listScorerVersions } from "./scorers/list-scorer-versions.ts";
import { listScorers } from "./scorers/list-scorers.ts";
import { registerScorer } from "./scorers/register-scorer.ts";

export const scorersEndpoints: {
  readonly registerScorer: typeof registerScorer;
  readonly listScorers: typeof listScorers;
  readonly listScorerVersions: typeof listScorerVersions;
  readonly getScorer: typeof getScorer;
  readonly deleteScorer: typeof deleteScorer;
} = {
  registerScorer,
  listScorers,
  listScorerVersions,
  getScorer,
  deleteScorer,
};

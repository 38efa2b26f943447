// The endpoints of MLflow's traces.

import { batchGetTraceInfos } from "./traces/batch-get-trace-infos.ts";
import { batchGetTraces } from "./traces/batch-get-traces.ts";
import { calculateTraceFilterCorrelation } from "./traces/calculate-trace-filter-correlation.ts";
import { createAssessment } from "./traces/create-assessment.ts";
import { deleteAssessment } from "./traces/delete-assessment.ts";
import { deleteTraceTag } from "./traces/delete-trace-tag.ts";
import { deleteTraceTagV3 } from "./traces/delete-trace-tag-v3.ts";
import { deleteTraces } from "./traces/delete-traces.ts";
import { deleteTracesV3 } from "./traces/delete-traces-v3.ts";
import { endTrace } from "./traces/end-trace.ts";
import { getAssessment } from "./traces/get-assessment.ts";
import { getTrace } from "./traces/get-trace.ts";
import { getTraceInfo } from "./traces/get-trace-info.ts";
import { getTraceInfoV3 } from "./traces/get-trace-info-v3.ts";
import { linkPromptsToTrace } from "./traces/link-prompts-to-trace.ts";
import { linkTracesToRun } from "./traces/link-traces-to-run.ts";
import { queryTraceMetrics } from "./traces/query-trace-metrics.ts";
import { searchTraces } from "./traces/search-traces.ts";
import { searchTracesV3 } from "./traces/search-traces-v3.ts";
import { setTraceTag } from "./traces/set-trace-tag.ts";
import { setTraceTagV3 } from "./traces/set-trace-tag-v3.ts";
import { startTrace } from "./traces/start-trace.ts";
import { startTraceV3 } from "./traces/start-trace-v3.ts";
import { updateAssessment } from "./traces/update-assessment.ts";

export const tracesEndpoints: {
  readonly setTraceTag: typeof setTraceTag;
  readonly setTraceTagV3: typeof setTraceTagV3;
  readonly deleteTraceTag: typeof deleteTraceTag;
  readonly deleteTraceTagV3: typeof deleteTraceTagV3;
  readonly startTrace: typeof startTrace;
  readonly endTrace: typeof endTrace;
  readonly getTraceInfo: typeof getTraceInfo;
  readonly getTraceInfoV3: typeof getTraceInfoV3;
  readonly getTrace: typeof getTrace;
  readonly batchGetTraces: typeof batchGetTraces;
  readonly batchGetTraceInfos: typeof batchGetTraceInfos;
  readonly searchTraces: typeof searchTraces;
  readonly searchTracesV3: typeof searchTracesV3;
  readonly startTraceV3: typeof startTraceV3;
  readonly linkTracesToRun: typeof linkTracesToRun;
  readonly linkPromptsToTrace: typeof linkPromptsToTrace;
  readonly deleteTraces: typeof deleteTraces;
  readonly deleteTracesV3: typeof deleteTracesV3;
  readonly calculateTraceFilterCorrelation: typeof calculateTraceFilterCorrelation;
  readonly queryTraceMetrics: typeof queryTraceMetrics;
  readonly getAssessment: typeof getAssessment;
  readonly createAssessment: typeof createAssessment;
  readonly updateAssessment: typeof updateAssessment;
  readonly deleteAssessment: typeof deleteAssessment;
} = {
  setTraceTag,
  setTraceTagV3,
  deleteTraceTag,
  deleteTraceTagV3,
  startTrace,
  endTrace,
  getTraceInfo,
  getTraceInfoV3,
  getTrace,
  batchGetTraces,
  batchGetTraceInfos,
  searchTraces,
  searchTracesV3,
  startTraceV3,
  linkTracesToRun,
  linkPromptsToTrace,
  deleteTraces,
  deleteTracesV3,
  calculateTraceFilterCorrelation,
  queryTraceMetrics,
  getAssessment,
  createAssessment,
  updateAssessment,
  deleteAssessment,
};

// Messages of MLflow's wire protocol: runs. A field's text is read by wire/field-type.ts.
export const runsMessages = {
  Experiment: {
    experiment_id: "string",
    name: "string",
    artifact_location: "string",
    lifecycle_stage: "string",
    last_update_time: "int64",
    creation_time: "int64",
    tags: "ExperimentTag[]",
    effective_trace_archival_retention: "string",
    workspace: "string",
  },
  ExperimentTag: {
    key: "string",
    value: "string",
  },
  RunTag: {
    key: "string",
    value: "string",
  },
  Run: {
    info: "RunInfo",
    data: "RunData",
    inputs: "RunInputs",
    outputs: "RunOutputs",
  },
  RunInfo: {
    run_id: "string",
    run_uuid: "string",
    run_name: "string",
    experiment_id: "string",
    user_id: "string",
    status: "RunStatus",
    start_time: "int64",
    end_time: "int64",
    artifact_uri: "string",
    lifecycle_stage: "string",
  },
  RunData: {
    metrics: "Metric[]",
    params: "Param[]",
    tags: "RunTag[]",
  },
  Metric: {
    key: "string",
    value: "double",
    timestamp: "int64",
    step: "int64=0",
    dataset_name: "string",
    dataset_digest: "string",
    model_id: "string",
    run_id: "string",
  },
  Param: {
    key: "string",
    value: "string",
  },
  RunInputs: {
    dataset_inputs: "DatasetInput[]",
    model_inputs: "ModelInput[]",
  },
  DatasetInput: {
    tags: "InputTag[]",
    dataset: "Dataset*",
  },
  InputTag: {
    key: "string*",
    value: "string*",
  },
  Dataset: {
    name: "string*",
    digest: "string*",
    source_type: "string*",
    source: "string*",
    schema: "string",
    profile: "string",
  },
  ModelInput: {
    model_id: "string*",
  },
  RunOutputs: {
    model_outputs: "ModelOutput[]",
  },
  ModelOutput: {
    model_id: "string*",
    step: "int64*",
  },
  MetricWithRunId: {
    key: "string",
    value: "double",
    timestamp: "int64",
    step: "int64=0",
    run_id: "string",
  },
  IssueReference: {
    issue_name: "string*",
  },
  PromptVersionRef: {
    name: "string*",
    version: "string*",
  },
} as const;

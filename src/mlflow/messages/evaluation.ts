// Messages of MLflow's wire protocol: evaluation. A field's text is read by wire/field-type.ts.
export const evaluationMessages = {
  DatasetSummary: {
    experiment_id: "string*",
    name: "string*",
    digest: "string*",
    context: "string",
  },
  EvaluationDataset: {
    dataset_id: "string",
    name: "string",
    tags: "string",
    schema: "string",
    profile: "string",
    digest: "string",
    created_time: "int64",
    last_update_time: "int64",
    created_by: "string",
    last_updated_by: "string",
    experiment_ids: "string[]",
  },
  Scorer: {
    experiment_id: "int32",
    scorer_name: "string",
    scorer_version: "int32",
    serialized_scorer: "string",
    creation_time: "int64",
    scorer_id: "string",
  },
} as const;

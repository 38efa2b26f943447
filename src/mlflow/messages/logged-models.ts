// Messages of MLflow's wire protocol: logged models. A field's text is read by wire/field-type.ts.
export const loggedModelsMessages = {
  LoggedModelParameter: {
    key: "string",
    value: "string",
  },
  LoggedModelTag: {
    key: "string",
    value: "string",
  },
  LoggedModel: {
    info: "LoggedModelInfo",
    data: "LoggedModelData",
  },
  LoggedModelInfo: {
    model_id: "string",
    experiment_id: "string",
    name: "string",
    creation_timestamp_ms: "int64",
    last_updated_timestamp_ms: "int64",
    artifact_uri: "string",
    status: "LoggedModelStatus",
    creator_id: "int64",
    model_type: "string",
    source_run_id: "string",
    status_message: "string",
    tags: "LoggedModelTag[]",
    registrations: "LoggedModelRegistrationInfo[]",
  },
  LoggedModelRegistrationInfo: {
    name: "string",
    version: "string",
  },
  LoggedModelData: {
    params: "LoggedModelParameter[]",
    metrics: "Metric[]",
  },
  DatasetFilter: {
    dataset_name: "string*",
    dataset_digest: "string",
  },
  OrderBy: {
    field_name: "string*",
    ascending: "bool=true",
    dataset_name: "string",
    dataset_digest: "string",
  },
} as const;

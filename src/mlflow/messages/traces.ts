// Messages of MLflow's wire protocol: traces. A field's text is read by wire/field-type.ts.
export const tracesMessages = {
  TraceRequestMetadata: {
    key: "string",
    value: "string",
  },
  TraceTag: {
    key: "string",
    value: "string",
  },
  TraceInfo: {
    request_id: "string",
    experiment_id: "string",
    timestamp_ms: "int64",
    execution_time_ms: "int64",
    status: "TraceStatus",
    request_metadata: "TraceRequestMetadata[]",
    tags: "TraceTag[]",
  },
  Trace: {
    trace_info: "TraceInfoV3",
    spans: "json[]",
  },
  TraceInfoV3: {
    trace_id: "string",
    client_request_id: "string",
    trace_location: "TraceLocation",
    request: "string",
    response: "string",
    request_preview: "string",
    response_preview: "string",
    request_time: "timestamp",
    execution_duration: "duration",
    state: "TraceState",
    trace_metadata: "map<string>",
    assessments: "Assessment[]",
    tags: "map<string>",
  },
  TraceLocation: {
    type: "TraceLocationType",
    mlflow_experiment: "MlflowExperimentLocation",
    inference_table: "InferenceTableLocation",
  },
  MlflowExperimentLocation: {
    experiment_id: "string",
  },
  InferenceTableLocation: {
    full_table_name: "string",
  },
  Assessment: {
    assessment_id: "string",
    assessment_name: "string",
    trace_id: "string",
    span_id: "string",
    source: "AssessmentSource",
    create_time: "timestamp",
    last_update_time: "timestamp",
    feedback: "Feedback",
    expectation: "Expectation",
    issue: "IssueReference",
    rationale: "string",
    error: "AssessmentError",
    metadata: "map<string>",
    overrides: "string",
    valid: "bool=true",
  },
  AssessmentSource: {
    source_type: "AssessmentSourceType*",
    source_id: "string*",
  },
  Feedback: {
    value: "json",
    error: "AssessmentError",
  },
  AssessmentError: {
    error_code: "string",
    error_message: "string",
    stack_trace: "string",
  },
  Expectation: {
    value: "json",
    serialized_value: "SerializedValue",
  },
  SerializedValue: {
    serialization_format: "string",
    value: "string",
  },
  MetricAggregation: {
    aggregation_type: "AggregationType",
    percentile_value: "double",
  },
  MetricDataPoint: {
    metric_name: "string",
    dimensions: "map<string>",
    values: "map<double>",
  },
} as const;

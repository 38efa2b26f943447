// How often two filters hold for the same traces.
export const calculateTraceFilterCorrelation = {
  name: "calculateTraceFilterCorrelation",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces/calculate-filter-correlation",
  request: {
    experiment_ids: "string[]*",
    filter_string1: "string*",
    filter_string2: "string*",
    base_filter: "string",
  },
  response: {
    npmi: "double",
    npmi_smoothed: "double",
    filter1_count: "int32",
    filter2_count: "int32",
    joint_count: "int32",
    total_count: "int32",
  },
} as const;

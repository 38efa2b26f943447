// Rows of the error table: KServe v1 and TensorFlow Serving's REST.
export const kserveErrors = {
  KSERVE_REQUEST: {
    kind: "invalid",
    message: "The body is no prediction request: {problem}.",
    fix: "Send `instances`, a list of rows, or `inputs`, a list a column.",
  },
  KSERVE_NOT_OFFERED: {
    kind: "unsupported",
    message: "{verb} is not offered here.",
    fix: "Ask for `:predict`.",
  },
  KSERVE_NO_LABEL: {
    kind: "missing",
    message: "{name} has no version with the label {label} here.",
    fix: "`GET /v1/models/{name}` lists the versions that are served; without a label the current one answers.",
  },
} as const;

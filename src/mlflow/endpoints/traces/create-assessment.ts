// Adds an assessment to a trace.
export const createAssessment = {
  name: "createAssessment",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}/assessments",
  request: {
    trace_id: "string*",
    assessment: "Assessment*",
  },
  response: {
    assessment: "Assessment",
  },
} as const;

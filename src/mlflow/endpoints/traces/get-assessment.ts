// One assessment of a trace.
export const getAssessment = {
  name: "getAssessment",
  method: "GET",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}/assessments/{assessment_id}",
  request: {
    trace_id: "string*",
    assessment_id: "string*",
  },
  response: {
    assessment: "Assessment",
  },
} as const;

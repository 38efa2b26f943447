// Removes an assessment.
export const deleteAssessment = {
  name: "deleteAssessment",
  method: "DELETE",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}/assessments/{assessment_id}",
  request: {
    trace_id: "string*",
    assessment_id: "string*",
  },
  response: {},
} as const;

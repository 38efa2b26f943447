// Changes the named fields of an assessment.
export const updateAssessment = {
  name: "updateAssessment",
  method: "PATCH",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}/assessments/{assessment_id}",
  request: {
    assessment_id: "string*",
    trace_id: "string*",
    assessment: "Assessment*",
    update_mask: "mask*",
  },
  response: {
    assessment: "Assessment",
  },
} as const;

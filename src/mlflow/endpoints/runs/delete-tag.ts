// Removes a tag of a run.
export const deleteTag = {
  name: "deleteTag",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/delete-tag",
  request: {
    run_id: "string*",
    key: "string*",
  },
  response: {},
} as const;

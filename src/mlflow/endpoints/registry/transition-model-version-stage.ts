// Moves a version to another stage.
export const transitionModelVersionStage = {
  name: "transitionModelVersionStage",
  method: "POST",
  version: "2.0",
  path: "/mlflow/model-versions/transition-stage",
  request: {
    name: "string*",
    version: "string*",
    stage: "string*",
    archive_existing_versions: "bool",
  },
  response: {
    model_version: "ModelVersion",
  },
} as const;

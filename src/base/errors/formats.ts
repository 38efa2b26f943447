// Rows of the error table: formats.
export const formatErrors = {
  FORMAT_EMPTY: {
    kind: "invalid",
    message: "{name} is empty.",
    fix: "Save the model again; an empty file often means that saving it was cut off.",
  },
  FORMAT_UNKNOWN: {
    kind: "unsupported",
    message: "{name} is no model format that Trimaran knows (it begins with {start}).",
    fix: "Give a pickle, a joblib or skops file, a model of XGBoost, LightGBM or ONNX, a `model.trimaran`, or a folder with an `MLmodel`; docs/models.md lists the formats.",
  },
  FORMAT_TRUNCATED: {
    kind: "invalid",
    message: "{name} ends too early: {what} needs {needed} bytes at offset {offset}, {left} are left.",
    fix: "Copy or save the file again; it is cut off or damaged.",
  },
  FORMAT_DAMAGED: {
    kind: "invalid",
    message: "{name} is damaged: {problem} at offset {offset}.",
    fix: "Copy or save the file again.",
  },
  FORMAT_LIMIT: {
    kind: "invalid",
    message: "{name} goes over the limit {limit} of {max}: {problem}.",
    fix: "If you trust the file, raise the limit: `--limit {limit}=NUMBER`, or `limits` of `openModel`. One that neither knows is fixed.",
  },
  FORMAT_FEATURE: {
    kind: "unsupported",
    message: "{name} uses {feature}, which is not supported.",
    fix: "Save the model again with `joblib.dump(model, file)` or `joblib.dump(model, file, compress=3)`.",
  },
  FORMAT_FOLDER: {
    kind: "unsupported",
    message: "The folder {name} holds neither an `MLmodel` nor a definition.",
    fix: "Name the model file itself, a folder that `mlflow` saved, or a folder with `deployment.ts` or `deployment.yaml`.",
  },
  MLMODEL_INVALID: {
    kind: "invalid",
    message: "The MLmodel file of {name} is not usable: {problem}.",
    fix: "Log or save the model again with `mlflow`.",
  },
  MLMODEL_FLAVOR: {
    kind: "unsupported",
    message: "The MLmodel file of {name} has the flavours {flavors}; none of them is known.",
    fix: "Log the model with `mlflow.sklearn`, `mlflow.xgboost`, `mlflow.lightgbm` or `mlflow.onnx`.",
  },
  MEMBER_NOT_FOUND: {
    kind: "missing",
    message: "{name} holds {what}; no member {member} is in it.",
    fix: "Its members are: {members}.",
  },
  MEMBER_NEEDED: {
    kind: "invalid",
    message: "{name} holds {what}, of which {models} could be the model; which, and in which order, is not guessed.",
    fix: "Name the parts in order, such as `--member {models}`, or `model.pkl#{models}` in a definition. Its members are: {members}.",
  },
  GRAPH_VERSION: {
    kind: "unsupported",
    message: "{name} is a graph file of version {version}; this Trimaran reads version {known}.",
    fix: "Read it with the Trimaran that wrote it, or a newer one, or export the model again with this one.",
  },
  GRAPH_CUSTOM: {
    kind: "unsupported",
    message: "{class} is computed by the definition's own code, which no graph file can hold.",
    fix: "Serve the model with its definition, or fit it with an estimator of docs/models.md.",
  },
  GRAPH_VALUE: {
    kind: "unsupported",
    message: "A graph file cannot hold {what}.",
    fix: "Serve the model from its own file.",
  },
  ARRAY_INVALID: {
    kind: "invalid",
    message: "{path}: the array is not sound: {problem}.",
    fix: "Save the model again from the library that fitted it.",
  },
  ARRAY_TYPE: {
    kind: "unsupported",
    message: "{path}: an array of {type} cannot be read as {wanted}.",
    fix: "Convert the array to numbers, strings or booleans before saving the model.",
  },
} as const;

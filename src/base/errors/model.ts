// Rows of the error table: model.
export const modelErrors = {
  MODEL_UNSUPPORTED: {
    kind: "unsupported",
    message: "{path}: {what} is not supported{nearest}.",
    fix: "Save it with an estimator of docs/models.md, or export the model as ONNX; or say what this class computes, with `estimators: [defineEstimator(…)]` in the definition. Or serve it where its library is, and name that server: `oip+http://host:port/v2/models/NAME` (any Open Inference Protocol server, such as MLServer).",
  },
  MODEL_NOT_A_MODEL: {
    kind: "unsupported",
    message: "{name} is a sound file, but holds {what}, not a model.",
    fix: "Save the fitted estimator itself, or the tuple (vectorizer, model).",
  },
  MODEL_UNFITTED: {
    kind: "unsupported",
    message: "{path}: {estimator} is not fitted (it has no {attribute}).",
    fix: "Call `fit` before saving it.",
  },
  MODEL_ATTRIBUTE: {
    kind: "invalid",
    message: "{path}: {problem}.",
    fix: "Save the model again from the library that fitted it.",
  },
  TRAIN_DATA: {
    kind: "invalid",
    message: "No model can be fitted: {problem}.",
    fix: "Give at least one row, one target a row, and finite numbers only.",
  },
  TRAIN_OPTION: {
    kind: "invalid",
    message: "No model can be fitted: {name} must be {wanted}.",
    fix: "Give {name} such a value, or leave it out.",
  },
  ESTIMATOR_FAILED: {
    kind: "invalid",
    message: "{path}: what the definition says of {class} failed: {problem}.",
    fix: "Mend `{part}` of its `defineEstimator` in the definition.",
  },
  ESTIMATOR_INVALID: {
    kind: "invalid",
    message: "`defineEstimator` was given something that is not usable: {problem}.",
    fix: "Mend the options that it was given.",
  },
  MODEL_TREE: {
    kind: "invalid",
    message: "{path}: the tree is not sound: {problem}.",
    fix: "Save the model again from the library that fitted it.",
  },
  MODEL_METHOD: {
    kind: "unsupported",
    message: "The model has no method {method}; it has {methods}.",
    fix: "Choose one of those with `--method`.",
  },
  MODEL_ROW_REFUSED: {
    kind: "invalid",
    message: "The row is refused: {problem}.",
    fix: "Give a row that the library which fitted the model would take; `issues` lists every problem.",
  },
  MODEL_OUTPUT_LIMIT: {
    kind: "invalid",
    message: "An answer of {rows} rows of {width} numbers is larger than {limit} numbers.",
    fix: "Ask for fewer rows at once, or for the answer of a later step than this vectorizer.",
  },
  MODEL_GRAPH: {
    kind: "invalid",
    message: "The model is not sound: {problem}.",
    fix: "Save it again from the library that fitted it; if that library predicts with this file, report it.",
  },
  MODEL_URI: {
    kind: "unsupported",
    message: "The model {uri} cannot be read: {problem}.",
    fix: "Download the model and name its file or folder.",
  },
} as const;

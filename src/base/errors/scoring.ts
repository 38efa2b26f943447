// Rows of the error table: MLflow's scoring protocol. The messages keep the words of MLflow's own server, which callers look for,
// but never the data that it quotes.
export const scoringErrors = {
  SCORING_INPUT: {
    kind: "invalid",
    message: "Invalid input. {problem}",
    fix: "Send one of dataframe_split, dataframe_records, instances and inputs, as docs/web-service.md shows them.",
  },
  SCORING_FIELDS: {
    kind: "invalid",
    message:
      "The input must be a JSON dictionary with exactly one of the input fields {fields}. Received dictionary with input fields: {received}. IMPORTANT: The MLflow Model scoring protocol has changed in MLflow version 2.0. If you are seeing this error, you are likely using an outdated scoring request format: update it, or upgrade an MLflow client (e.g. `mlflow.pyfunc.spark_udf()`) to a version >= 2.0. See https://mlflow.org/docs/latest/models.html#deploy-mlflow-models.",
    fix: "Name exactly one of these fields; `params` may stand beside it.",
  },
  SCORING_CSV: {
    kind: "invalid",
    message:
      "Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid CSV-formatted Pandas DataFrame produced using the `pandas.DataFrame.to_csv()` method. Error: '{problem}'",
    fix: "Send a header line and a line a row, all of as many cells.",
  },
  SCORING_SCHEMA: {
    kind: "invalid",
    message:
      "Failed to predict data (not shown). \nError: Failed to enforce schema of data (not shown) with schema '{schema}'. Error: {problem}",
    fix: "Send what the signature names, in its types.",
  },
  SCORING_PARAMS: {
    kind: "invalid",
    message: "Failed to predict data (not shown). \nError: {problem}",
    fix: "Send `params` as an object whose values have the types of the model's signature.",
  },
  SCORING_EVALUATE: {
    kind: "invalid",
    message:
      "Encountered an unexpected error while evaluating the model. Verify that the serialized input Dataframe is compatible with the model for inference. {problem}",
    fix: "Mend the rows listed in `issues`.",
  },
  SCORING_TYPE_PARAMETERS: {
    kind: "unsupported",
    message:
      "Unrecognized content type parameters: {names}. IMPORTANT: The MLflow Model scoring protocol has changed in MLflow version 2.0. If you are seeing this error, you are likely using an outdated scoring request format: update it, or upgrade an MLflow client (e.g. `mlflow.pyfunc.spark_udf()`) to a version >= 2.0. See https://mlflow.org/docs/latest/models.html#deploy-mlflow-models.",
    fix: "Send `Content-Type: application/json` without parameters.",
  },
  SCORING_MEDIA_TYPE: {
    kind: "unsupported",
    message: "{problem}",
    fix: "Send `Content-Type: application/json` or `Content-Type: text/csv`.",
  },
} as const;

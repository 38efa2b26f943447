// Rows of the error table: what models are trained on.
export const trainErrors = {
  TRAIN_FILES: {
    kind: "missing",
    message: "{pattern} names no file.",
    fix: "Name a file that is there, or quote a pattern such as 'rides/*.parquet' so that the shell leaves it alone.",
  },
  TRAIN_LOCATION: {
    kind: "unsupported",
    message: "{pattern} is no file of this machine.",
    fix: "Copy it here first: `trimaran train` reads local Parquet, CSV and NDJSON files.",
  },
  TRAIN_TARGET: {
    kind: "invalid",
    message: "The target {target} cannot be learnt: {problem}.",
    fix: "Name another column with --target, or say what it is with --task regression or --task classification.",
  },
  TRAIN_COLUMN: {
    kind: "unsupported",
    message: "The column {column} is of type {type}, which no feature is.",
    fix: "Name the columns to learn from with --features, or make features of it in a definition (--deployment).",
  },
  TRAIN_NAME: {
    kind: "invalid",
    message: "No model is trained with a feature called {name}: {problem}.",
    fix: "Call it otherwise, in the data or in the definition's `features`.",
  },
  TRAIN_DEFINITION: {
    kind: "unsupported",
    message: "{name} cannot be trained for: {problem}.",
    fix: "Train for a definition of one model whose features come from its own fields.",
  },
  TRAIN_NO_ROWS: {
    kind: "invalid",
    message:
      "No row is left to train on: of {read} rows {filtered} are filtered out, {leftOut} cannot be used and {heldBack} are held back.",
    fix: "Look at the reasons in `issues`; mend the data, the definition's `where`, or the fields that it declares.",
  },
  TRAIN_ONNX: {
    kind: "unsupported",
    message: "There is no ONNX file of this model. {problem}",
    fix: "Save it as a folder or as a `.trimaran` file, or give each feature one type, text or number.",
  },
  TRAIN_ONE_CLASS: {
    kind: "invalid",
    message: "Every row's {target} is the same class.",
    fix: "Give rows of at least two classes, or --task regression for a number.",
  },
} as const;

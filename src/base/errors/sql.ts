// Rows of the error table: models as SQL.
export const sqlErrors = {
  SQL_EXPORT: {
    kind: "unsupported",
    message: "The model cannot be written as SQL: {operation}: {reason}.",
    fix: "SQL is for linear and logistic models, single trees and small ensembles; score others with `trimaran score`.",
  },
  SQL_SIZE: {
    kind: "unsupported",
    message: "The model is too large for SQL: {what} {size}, the limit is {limit}.",
    fix: "Beyond it a database is slower than Trimaran, or fails: score with `trimaran score`, or train a smaller model.",
  },
  SQL_DEFINITION: {
    kind: "unsupported",
    message: "The definition {name} cannot be written as SQL: {problem}.",
    fix: "{fix}",
  },
  SQL_NAME: {
    kind: "invalid",
    message: "{name} cannot be the name of a column or table in {dialect}: {problem}.",
    fix: "Give it another name in the definition, or name the table with `--table`.",
  },
  SQL_PARITY: {
    kind: "internal",
    message:
      "The SQL does not answer as the model does: {differing} of {rows} rows differ, the first in {column} at row {row}.",
    fix: "Nothing was written. Please report it with the model; meanwhile score with `trimaran score`.",
  },
  SQL_ROWS: {
    kind: "invalid",
    message: "The rows of {name} cannot be asked for parity: {problem}.",
    fix: "Give a Parquet, CSV or NDJSON file with the columns of the definition's `input`, or those that it derives them from.",
  },
} as const;

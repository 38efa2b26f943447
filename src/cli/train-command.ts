// `trimaran train` as data; the table of commands holds it.
import type { Command } from "./command.ts";
import { trainFlags } from "./train-flags.ts";

export const trainCommand: Command = {
  name: "train",
  says: "fit a linear model or a random forest to rows, and log it to MLflow",
  about: [
    "With --deployment the model learns from what it will be asked with: rows of --data are derived and filtered by the definition's SQL (batch.derive, batch.where), checked by its input and made features by its own `features`; the target is batch.truth. Without a definition --data holds ready columns, and --target names the one to learn: numbers are taken as they are, texts as categories.",
    "Rows that cannot be used are counted by field and reason, told, and left out. Metrics are those of the rows that were held back (--validation): rmse, mae, r2 of a regression; log_loss, auc, accuracy of a classification; those of the training rows are beside them.",
    "The run goes to MLFLOW_TRACKING_URI, or into the store below --home: parameters, metrics, data sets, importance, and the model, which Python loads as ONNX (mlflow.onnx, mlflow.pyfunc) and Trimaran as its own file. Ctrl-C marks the run KILLED, a failure FAILED.",
  ],
  argument: { name: "ALGORITHM", says: "linear (least squares, ridge) or forest (random forest)", many: false },
  flags: trainFlags,
  examples: [
    {
      says: "The worked example: a linear model of January's rides, measured by February's",
      line: "trimaran train linear --deployment examples/ride-duration --data green_tripdata_2022-01.parquet --validation green_tripdata_2022-02.parquet",
    },
    {
      says: "A forest, registered, and the champion at once",
      line: "trimaran train forest --deployment examples/ride-duration --data 'rides/*.parquet' --trees 50 --max-depth 15 --register ride-duration --alias champion",
    },
    {
      says: "Ready columns, no definition, no MLflow: a folder that every MLflow client loads",
      line: "trimaran train forest --data churn.csv --target churned --save models/churn",
    },
    {
      says: "For a script: the run's ID",
      line: "trimaran train linear --data sales.parquet --target revenue --json | jq -r .run_id",
    },
  ],
  load: () => import("./commands/train.ts"),
};

// `trimaran score` as data; the table of commands holds it.
import { scoreThreads } from "../doors/batch/score-threads.ts";
import type { Command } from "./command.ts";
import { scoreFlags } from "./score-flags.ts";
import { numberOf } from "./settings.ts";

export const scoreCommand: Command = {
  name: "score",
  says: "score files of rows: a batch job, whole or not at all",
  about: [
    "Reads Parquet, CSV and NDJSON, and writes one file of them. With a definition its `batch` section says which columns are derived, which rows are kept and what is written (docs/batch.md); rows are checked by its `input`, and what does not fit goes to _rejects/ with its reason. A model alone takes its own features from columns of their names.",
    "Nothing is visible under the output's name before all of it is written, read back and synced. A job that was killed goes on where it stopped when the same command is given again, and writes the same bytes. Two runs never write to one output at once.",
    "Beside the output lies what is ours: .FILE.trimaran/, or _trimaran/ in a folder, with manifest.json (inputs, models, digests, rows) and _rejects/. On a terminal progress is one line; else stderr gets one line of JSON a second.",
    "Exit code 75 where trying again may help: an input that changed while it was read, no space left, another run at work.",
  ],
  argument: {
    name: "TARGET",
    says: "a model (a file, or a folder with an MLmodel) or a definition (deployment.ts, .js, .mjs, .yaml, or its folder)",
    many: false,
  },
  flags: scoreFlags,
  examples: [
    {
      says: "A month of rides",
      line: "trimaran score examples/ride-duration -i green_tripdata_2022-02.parquet -o scored/2022-02.parquet",
    },
    {
      says: "On the second of each month the month before, in Hive folders; more than 1 % of rejected rows publish nothing",
      line: "trimaran score examples/ride-duration -i 'data/green_tripdata_{year}-{month}.parquet' -o 'scored/taxi_type=green/year={year}/month={month}/' --period last-month --max-rejects 1%",
    },
    {
      says: "A model alone, with probabilities, from and to compressed CSV",
      line: "trimaran score churn.pkl -i customers.csv.gz -o scores.csv.gz --method predict,predict_proba",
    },
    {
      says: "A year of months from S3, two under way at once; again, it does what is left or changed",
      line: "trimaran score deployment.ts -i 's3://rides/{year}/{month}.parquet' -o 's3://scores/year={year}/month={month}/' --backfill 2021-01..2021-12 --parallel 2",
    },
    {
      says: "What would be done?",
      line: "trimaran score deployment.ts -i 'data/*.parquet' -o scored/ --dry-run",
    },
    {
      says: "On Apache Spark, when one machine is outgrown",
      line: "trimaran score deployment.ts -i 's3://rides/2021/*.parquet' -o s3://scored/2021/ --engine spark://master:7077",
    },
  ],
  // DuckDB works there, once in each thread of ours.
  nativeThreads: (settings) => scoreThreads(numberOf(settings, "threads")),
  load: () => import("./commands/score.ts"),
};

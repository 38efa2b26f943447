// The flags of `trimaran score`.
import { homeFlag, maxModelBytesFlag, memberFlag, modelFlag, requireTrackingFlag } from "./common-flags.ts";
import type { Flag } from "./flag.ts";
import { limitFlag } from "./limit-flag.ts";
import { scorePeriodFlags } from "./score-period-flags.ts";
import { shardsFlag } from "./score-shards.ts";

export const scoreFlags: readonly Flag[] = [
  {
    name: "input",
    short: "i",
    value: "URL",
    type: "texts",
    says: "rows: .parquet, .csv or .ndjson, the last two also .gz or .zst; a path, a folder that ends in /, a pattern such as 'data/*.parquet'; the same at s3://BUCKET/…; a file at https://…; postgresql://…?table=NAME or ?query=SQL, so too sqlite:///FILE and duckdb:///FILE; repeatable. {year}, {month}, {day} and {period} stand for parts of --period",
  },
  {
    name: "output",
    short: "o",
    value: "URL",
    type: "text",
    says: "one file, or a folder that ends in / and gets predictions.parquet, here or at s3://BUCKET/…; a table: postgresql://…?table=NAME, sqlite:///FILE?table=NAME or duckdb:///FILE?table=NAME, of which &partition=COLUMN:VALUE replaces those rows only; {year}, {month}, {day} and {period} as above",
  },
  {
    name: "period",
    value: "PERIOD",
    type: "text",
    says: "2021-03, 2021-03-01, 2021, or last-month: the month before the day of the run",
  },
  {
    name: "run-date",
    value: "DATE",
    type: "text",
    says: "the day of the run, for last-month; without it today, in UTC",
  },
  ...scorePeriodFlags,
  shardsFlag,
  {
    name: "max-rejects",
    value: "N|P%",
    type: "text",
    says: "fail before publishing when more rows than this are rejected; without it there is no limit, and the count is told",
  },
  {
    name: "method",
    value: "NAMES",
    type: "names",
    says: "what a model alone computes: predict, predict_proba, decision_function, transform, …",
  },
  {
    name: "threads",
    value: "N",
    type: "count",
    says: "how many threads score; without it one a core, up to 8",
  },
  {
    name: "memory-limit",
    value: "SIZE",
    type: "bytes",
    says: "what the process may take, about; a large model comes on top. Without it 400MiB, and 150MiB more for each thread beyond two",
  },
  {
    name: "engine",
    value: "URL",
    type: "text",
    says: "where it runs: without it in this process; on Apache Spark with its master's URL, such as spark://host:7077, yarn, k8s://…, or local[*] (docs/spark.md)",
  },
  {
    name: "spark-conf",
    value: "KEY=VALUE",
    type: "texts",
    says: "a setting of Spark, as spark-submit's --conf; repeatable",
  },
  {
    name: "arrow-stdio",
    type: "switch",
    says: "score a stream of Arrow record batches from stdin to stdout, as workers of Spark do; one row out for one row in",
  },
  { name: "dry-run", type: "switch", says: "say what would be scored and why, and do nothing" },
  homeFlag,
  requireTrackingFlag,
  modelFlag,
  memberFlag,
  maxModelBytesFlag,
  limitFlag,
];

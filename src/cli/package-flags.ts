// Flags of `package`.
import type { Flag } from "./flag.ts";

export const packageFlags: readonly Flag[] = [
  {
    name: "out",
    value: "DIR",
    type: "text",
    says: "the folder to write: a new or an empty one, or one that this command wrote",
  },
  {
    name: "for",
    value: "TARGETS",
    type: "names",
    says: "what to write: docker, a build context for an image; compose, a compose.yaml beside it; lambda, an AWS Lambda function; spark, a PySpark job with an archive for its workers; cron, systemd, kubernetes, airflow: what scores --input on a --schedule",
  },
  {
    name: "image",
    value: "NAME",
    type: "text",
    says: "the name of the image in README.md and compose.yaml; by default the first output's, such as duration-prediction-service",
  },
  {
    name: "grpc-port",
    value: "PORT",
    type: "port",
    says: "the port on which the container speaks gRPC too; without it, only HTTP is spoken",
  },
  {
    name: "schedule",
    value: "CRON",
    type: "text",
    fallback: "0 3 2 * *",
    says: "when a schedule scores: minute, hour, day of the month, month, weekday",
  },
  {
    name: "time-zone",
    value: "ZONE",
    type: "text",
    fallback: "UTC",
    says: "of the schedule, such as Europe/Berlin",
  },
  {
    name: "input",
    short: "i",
    value: "URL",
    type: "texts",
    says: "what a schedule scores, as `trimaran score` takes it: a URL, or an absolute path; with {year} and {month} the month before the run; repeatable",
  },
  {
    name: "output",
    short: "o",
    value: "URL",
    type: "text",
    says: "where a schedule writes, as `trimaran score` takes it: a URL, or an absolute path",
  },
  {
    name: "place",
    value: "DIR",
    type: "text",
    says: "where the folder will lie on the machine that runs it, for cron, systemd and airflow; /opt and the deployment's name without it",
  },
  {
    name: "backfill",
    value: "FIRST..LAST",
    type: "text",
    says: "for kubernetes: months such as 2021-03..2022-04, which a Job of --shards indexes scores once",
  },
  {
    name: "shards",
    value: "N",
    type: "count",
    says: "for --backfill: how many indexes share the months; without it one a month, up to 100",
  },
  {
    name: "trimaran",
    value: "FILE",
    type: "text",
    says: "the tarball of Trimaran to put in, as `npm pack` makes it; by default a clone packs itself",
  },
];

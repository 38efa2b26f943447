// Flags of `trimaran tracking`: where they exist in `mlflow server` they mean the same.
import { homeFlag } from "./common-flags.ts";
import type { Flag } from "./flag.ts";

export const trackingFlags: readonly Flag[] = [
  {
    name: "backend-store-uri",
    value: "URI",
    type: "text",
    says: "the store: sqlite:///FILE, a folder, which keeps trimaran.db and takes a file store of MLflow over, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE; without it tracking.db below --home",
  },
  {
    name: "artifacts-destination",
    value: "URI",
    type: "text",
    says: "where artifacts are kept that go through this server: a folder, or s3://BUCKET/PREFIX; without it artifacts/ below --home",
  },
  {
    name: "default-artifact-root",
    value: "URI",
    type: "text",
    says: "where new experiments keep their artifacts: with this server (mlflow-artifacts:/, the default), at s3://BUCKET/PREFIX or a folder, which clients write to themselves, or at http://HOST:PORT/api/2.0/mlflow-artifacts/artifacts, which is this server by its own URL; with --no-serve-artifacts it is --artifacts-destination",
  },
  {
    name: "serve-artifacts",
    type: "switch",
    fallback: true,
    says: "take and give artifacts over this server",
  },
  {
    name: "no-serve-artifacts",
    type: "switch",
    says: "clients reach the artifacts by themselves, at --default-artifact-root",
  },
  {
    name: "artifacts-only",
    type: "switch",
    says: "take and give artifacts, and answer nothing else",
  },
  {
    name: "max-artifact-bytes",
    value: "SIZE",
    type: "bytes",
    says: "the largest artifact that is taken, such as 5GiB; without it the disk is the limit",
  },
  {
    name: "host",
    value: "ADDRESS",
    type: "text",
    fallback: "127.0.0.1",
    says: "the address to listen on; 0.0.0.0 means every network this machine is in",
  },
  {
    name: "port",
    value: "PORT",
    type: "port",
    fallback: 5000,
    says: "the port to listen on; 0 takes a free one and prints it",
  },
  {
    name: "allowed-hosts",
    value: "NAMES",
    type: "names",
    says: "further names of the Host header that are answered, *.NAME for all below, * for any",
  },
  {
    name: "cors-allowed-origins",
    value: "ORIGINS",
    type: "names",
    says: "origins of pages that may write, such as https://ml.example.org; * for any",
  },
  {
    name: "auth",
    type: "switch",
    says: "ask for an account: users, tokens and rights as MLflow's basic-auth has them; the first administrator's password is MLFLOW_AUTH_ADMIN_PASSWORD, or made and kept in admin.credentials",
  },
  {
    name: "app-name",
    value: "NAME",
    type: "choice",
    choices: ["basic-auth"],
    says: "the same as --auth, by the flag of `mlflow server`",
  },
  {
    name: "auth-database",
    value: "FILE",
    type: "text",
    says: "the SQLite file of users, tokens and rights; without it access.db beside the store",
  },
  {
    name: "auth-default-permission",
    value: "PERMISSION",
    type: "choice",
    choices: ["READ", "EDIT", "MANAGE", "NO_PERMISSIONS"],
    fallback: "READ",
    says: "what every user may do with experiments and models where nothing was granted",
  },
  homeFlag,
];

// Rows of the error table: mlflow.
export const mlflowErrors = {
  TRACKING_UNREACHABLE: {
    kind: "unavailable",
    message: "The tracking server {server} does not answer: {problem}.",
    fix: "Check `MLFLOW_TRACKING_URI` and that the server runs; a model that was opened here before opens from the cache.",
  },
  TRACKING_DENIED: {
    kind: "denied",
    message: "The tracking server {server} refuses access: {problem}.",
    fix: "Set `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, to what the server accepts.",
  },
  TRACKING_MISSING: {
    kind: "missing",
    message: "The tracking server {server} does not know it: {problem}.",
    fix: "Check the run, model, version or alias, and that `MLFLOW_TRACKING_URI` names the right server.",
  },
  TRACKING_REFUSED: {
    kind: "invalid",
    message: "The tracking server {server} refused the request ({code}): {problem}.",
    fix: "Mend what the message names.",
  },
  TRACKING_ANSWER: {
    kind: "invalid",
    message: "The answer of {server} is not that of a tracking server: {problem}.",
    fix: "Check that `MLFLOW_TRACKING_URI` names an MLflow server, and not its user interface behind a login or a proxy.",
  },
  TRACKING_UNSUPPORTED: {
    kind: "unsupported",
    message: "The tracking server {server} is older than {what}.",
    fix: "Upgrade the server, or name the model in a way that it knows.",
  },
  TRACKING_URI: {
    kind: "invalid",
    message: "The tracking URI is not usable: {problem}.",
    fix: "Set `MLFLOW_TRACKING_URI` to `http://host:port`, to `sqlite:///FILE`, `postgresql://USER:PASSWORD@HOST/DATABASE` or a folder; unset, the embedded store is used.",
  },
  TRACKING_REQUIRED: {
    kind: "unavailable",
    message: "The tracking server does not answer, and `--require-tracking` forbids the copy of {uri} in the cache.",
    fix: "Start the server, or leave `--require-tracking` out.",
  },
  TRACKING_ADMIN: {
    kind: "invalid",
    message: "The first administrator cannot be made: {problem}.",
    fix: "Set `MLFLOW_AUTH_ADMIN_PASSWORD` to 12 characters or more; without it a password is made and kept in a file.",
  },
  RUN_WITHOUT_MODEL: {
    kind: "missing",
    message: "The run {run} holds nothing at {path}.",
    fix: "Look at the run's artifacts, and name the path that the model was logged with.",
  },
  PROMOTE_NOT_READY: {
    kind: "conflict",
    message: "Version {version} of {name} is not ready: the registry says {status}.",
    fix: "Wait until it is registered, or register the model again; `--force` promotes it as it is.",
  },
  PROMOTE_UNFIT: {
    kind: "conflict",
    message: "Version {version} of {name} does not fit the deployment: {count} issues.",
    fix: "Mend the definition or the model; `--force` promotes it all the same.",
  },
  ROLLBACK_NO_ALIAS: {
    kind: "missing",
    message: "{name} has no alias {alias}.",
    fix: "Name another with `--alias`, or set it with `trimaran promote`.",
  },
  ROLLBACK_NO_RECORD: {
    kind: "missing",
    message: "There is no record of what {alias} of {name} was before version {version}.",
    fix: "Name the version yourself: `trimaran promote NAME VERSION`.",
  },
  ROLLBACK_GONE: {
    kind: "missing",
    message: "{alias} of {name} was version {version} before, which is not there any more.",
    fix: "Name another version: `trimaran promote NAME VERSION`.",
  },
  ARTIFACT_MISSING: {
    kind: "missing",
    message: "There is no artifact at {location}.",
    fix: "Check the path; the files may have been deleted.",
  },
  ARTIFACT_UNSAFE: {
    kind: "untrusted",
    message: "The listing of {location} is not followed: {problem}.",
    fix: "Do not trust this server; if it is yours, look for files with such names.",
  },
  ARTIFACT_LIMIT: {
    kind: "invalid",
    message: "The artifacts at {location} are more than {limit} {what}.",
    fix: "Name the model's own folder; if it is that large and you trust it, raise the limit with `--max-model-bytes`.",
  },
  ARTIFACT_CUT: {
    kind: "unavailable",
    message: "The artifact {location} did not arrive whole: {problem}.",
    fix: "Try again; if it stays so, the file in the artifact store is damaged.",
  },
  ARTIFACT_CHANGED: {
    kind: "conflict",
    message: "The artifact {location} became another one while it was read.",
    fix: "Read it again; artifacts of a logged model should not change.",
  },
  ARTIFACT_STORE: {
    kind: "unavailable",
    message: "The artifact store of {location} does not answer as it should: {problem}.",
    fix: "Check the store, and the credentials for it (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `MLFLOW_S3_ENDPOINT_URL`).",
  },
  ARTIFACT_LOCAL: {
    kind: "denied",
    message: "A server names {location}, a place on this machine, which is not read on its word.",
    fix: "Name the path itself as the model, or start the server with `--serve-artifacts`.",
  },
} as const;

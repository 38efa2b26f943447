// Rows of the error table: packaging.
export const packagingErrors = {
  PACKAGE_FOLDER: {
    kind: "conflict",
    message: "{path} is not written over: {problem}.",
    fix: "Give `--out` an empty or a new folder; only one that `trimaran package` wrote, and nobody added to, is replaced.",
  },
  PACKAGE_TRIMARAN: {
    kind: "unavailable",
    message: "Trimaran itself cannot be packed: {problem}.",
    fix: "In a clone run `npm ci` first, or give the tarball that `npm pack` makes with `--trimaran FILE.tgz`.",
  },
  PACKAGE_DEPENDENCY: {
    kind: "missing",
    message: "The package {name}, which {importer} needs, is not installed.",
    fix: "Run `npm install` in the folder of {importer}.",
  },
  PACKAGE_SECRET: {
    kind: "denied",
    message: "The URI of the model holds a user name or a password, which would be written into the folder.",
    fix: "Leave the model to the container's environment: `-e MODEL_URI=…`.",
  },
  PACKAGE_SPARK: {
    kind: "unsupported",
    message: "This target does not go into an archive for Spark: {problem}.",
    fix: "Workers need no network: name the model by a path, or by a URI that is loaded here, with --model.",
  },
  SPARK_MISSING: {
    kind: "missing",
    message: "There is no spark-submit in {place}.",
    fix: "Set SPARK_HOME to a Spark of 3.5 or newer, or install one: `pip install pyspark pyarrow` (and Java 17).",
  },
  SPARK_REFUSED: {
    kind: "invalid",
    message: "The job of Spark ended: {problem}.",
    fix: "Mend what it says; nothing was published.",
  },
  SPARK_FAILED: {
    kind: "unavailable",
    message: "The job of Spark failed with exit code {code}: {problem}.",
    fix: "Nothing was published. `--log-level debug` shows all that Spark said; run the command again when the cluster is well.",
  },
} as const;

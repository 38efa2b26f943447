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
} as const;

// Rows of the error table: databases and what is kept in them.
export const storeErrors = {
  STORE_FILE: {
    kind: "invalid",
    message: "{file} cannot be opened as an SQLite database.",
    fix: "Name a file that MLflow or `trimaran tracking` made, or one that does not exist yet in a folder that you may write to.",
  },
  STORE_LOCKED: {
    kind: "busy",
    message: "{file} was locked by another process for {seconds} seconds.",
    fix: "Try again; if it stays so, look for a process that holds the file open and does not end its transaction.",
  },
  STORE_FULL: {
    kind: "unavailable",
    message: "Nothing can be written to {file}: the disk is full or fails.",
    fix: "Free some space; what was written before is kept.",
  },
  STORE_READ_ONLY: {
    kind: "denied",
    message: "{file} is open for reading only.",
    fix: "Make the file and its folder writable, or, when its schema is newer than ours, upgrade trimaran.",
  },
  STORE_CONFLICT: {
    kind: "conflict",
    message: "{file} refuses it: it would break a rule of the tables.",
    fix: "Somebody else may have changed the same thing: read it again.",
  },
  STORE_FAILED: {
    kind: "internal",
    message: "{file} could not be read or written.",
    fix: "Look at the cause in the log; check the file with `sqlite3 FILE 'PRAGMA integrity_check'`.",
  },
  STORE_OLD: {
    kind: "unsupported",
    message: "{file} has the tables of an older MLflow (revision {revision}).",
    fix: "Make a copy of it, then upgrade it with `mlflow db upgrade sqlite:///{file}`.",
  },
  STORE_FOREIGN: {
    kind: "invalid",
    message: "{file} is a database, but not one of MLflow: {problem}.",
    fix: "Name another file; one that does not exist yet is made.",
  },
  STORE_URI: {
    kind: "invalid",
    message: "The backend store is not usable: {problem}.",
    fix: "Give `sqlite:///FILE` or a folder.",
  },
} as const;

// Rows of the error table: databases and what is kept in them. `{store}` is a file, or `host:port/database`: never a user or a password.
export const storeErrors = {
  STORE_FILE: {
    kind: "invalid",
    message: "{store} cannot be opened as an SQLite database.",
    fix: "Name a file that MLflow or `trimaran tracking` made, or one that does not exist yet in a folder that you may write to.",
  },
  STORE_LOCKED: {
    kind: "busy",
    message: "{store} was locked by another process for {seconds} seconds.",
    fix: "Try again; if it stays so, look for a process that holds it open and does not end its transaction.",
  },
  STORE_BUSY: {
    kind: "busy",
    message: "{store} has no room for this now: {problem}.",
    fix: "Try again; if it stays so, let the server take more connections, or run fewer processes on it.",
  },
  STORE_FULL: {
    kind: "unavailable",
    message: "Nothing can be written to {store}: the disk is full or fails.",
    fix: "Free some space; what was written before is kept.",
  },
  STORE_READ_ONLY: {
    kind: "denied",
    message: "{store} is open for reading only.",
    fix: "Make the file and its folder writable, or, when its schema is newer than ours, upgrade trimaran. A PostgreSQL server that is a replica takes no writes.",
  },
  STORE_CONFLICT: {
    kind: "conflict",
    message: "{store} refuses it: it would break a rule of the tables.",
    fix: "Somebody else may have changed the same thing: read it again.",
  },
  STORE_VALUE: {
    kind: "invalid",
    message: "{store} does not take a value: {problem}.",
    fix: "Shorten the text, or leave out what no database text may hold, such as the character NUL.",
  },
  STORE_FAILED: {
    kind: "internal",
    message: "{store} could not be read or written.",
    fix: "Look at the cause in the log; an SQLite file is checked by `sqlite3 FILE 'PRAGMA integrity_check'`.",
  },
  STORE_UNREACHABLE: {
    kind: "unavailable",
    message: "The database {store} does not answer: {problem}.",
    fix: "Start the server, or correct host, port and `sslmode` of the URL; `psql URL` tells whether it can be reached from here.",
  },
  STORE_REFUSED: {
    kind: "denied",
    message: "The database {store} refuses: {problem}.",
    fix: "Correct the user and the password of the URL (percent-encoded), or of PGUSER, PGPASSWORD or ~/.pgpass; a user that makes a new store needs CREATE in its schema.",
  },
  STORE_MISSING: {
    kind: "missing",
    message: "There is no database {store}.",
    fix: "Make it with `createdb`, or correct the name at the end of the URL.",
  },
  STORE_TABLE: {
    kind: "unsupported",
    message: "{store} has no {what}: the MLflow that made it did not know this feature.",
    fix: "Make a copy of it, then upgrade it with `mlflow db upgrade` of MLflow 3.18; everything else works as it is.",
  },
  STORE_OLD: {
    kind: "unsupported",
    message: "{store} has the tables of an older MLflow (revision {revision}).",
    fix: "Make a copy of it, then upgrade it with `mlflow db upgrade {uri}`.",
  },
  STORE_FOREIGN: {
    kind: "invalid",
    message: "{store} is a database, but not one of MLflow: {problem}.",
    fix: "Name another one; a file that does not exist yet is made, and tables are made in an empty PostgreSQL database.",
  },
  STORE_URI: {
    kind: "invalid",
    message: "The backend store is not usable: {problem}.",
    fix: "Give `sqlite:///FILE`, a folder, or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.",
  },
} as const;

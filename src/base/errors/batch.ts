// Rows of the error table: batch jobs, their inputs, their outputs and what lies between.
export const batchErrors = {
  BATCH_SCHEME: {
    kind: "unsupported",
    message: "A batch job does not {use} `{scheme}:`.",
    fix: "Use one of: {known}.",
  },
  BATCH_INPUT: {
    kind: "missing",
    message: "There is no input: nothing matches {url}.",
    fix: "Name a file, a folder that ends in `/`, or a pattern such as `data/*.parquet`; files whose names begin with `_` or `.` are not read.",
  },
  BATCH_FORMAT: {
    kind: "unsupported",
    message: "{name} is no table that is read or written here.",
    fix: "Use `.parquet`, `.csv` or `.ndjson`, the last two also with `.gz` or `.zst` behind them; a folder ends in `/`.",
  },
  BATCH_EMPTY: {
    kind: "invalid",
    message: "{name} is empty: it holds not even the names of columns.",
    fix: "Give whole files; a table without rows has a header or a Parquet footer.",
  },
  BATCH_NAMES: {
    kind: "conflict",
    message: "Two inputs are called {name}; the second one is {uri}.",
    fix: "Name them by one pattern above both, so that their paths tell them apart: ids of rows are made of these names.",
  },
  BATCH_OVERLAP: {
    kind: "conflict",
    message: "The output {name} is one of the inputs.",
    fix: "Write it elsewhere: a job never replaces what it reads, nor reads what it wrote.",
  },
  BATCH_CHANGED: {
    kind: "unavailable",
    message: "{name} changed while it was read.",
    fix: "Nothing was published. Run the same command again when nobody writes to the file.",
  },
  BATCH_SOURCE: {
    kind: "unavailable",
    message: "{name} does not answer as it should: {problem}.",
    fix: "Nothing was published. Run the same command again when it does; what was scored already is kept.",
  },
  BATCH_REFUSED: {
    kind: "denied",
    message: "{name} refuses to be read: {problem}.",
    fix: "Nothing was published. Correct the address, and the user and the password in it; a redirect to another host is not followed: name that host.",
  },
  BATCH_LIMIT: {
    kind: "invalid",
    message: "{name} is larger than {limit} bytes.",
    fix: "Fetch it by another program and give its path, or split it.",
  },
  BATCH_URL: {
    kind: "invalid",
    message: "The URL of a {what} cannot be used: {problem}.",
    fix: "Write `{example}`; signs such as `&`, `#` and `%` in it are percent-encoded.",
  },
  BATCH_QUERY: {
    kind: "invalid",
    message: "{name} does not take it: {problem}.",
    fix: "Nothing was published. Correct the table, the query or the columns; `batch.write` of the definition names the columns that are written.",
  },
  BATCH_BUSY: {
    kind: "busy",
    message: "Another run writes to {name}.",
    fix: "Wait for it to end, or give this run another output. A run that died holds nothing.",
  },
  BATCH_SPACE: {
    kind: "unavailable",
    message: "There is no space left to write {name}.",
    fix: "Nothing was published. Make room and run the same command again; it goes on where it stopped.",
  },
  BATCH_MEMORY: {
    kind: "invalid",
    message: "There is too little memory for {name}.",
    fix: "Nothing was published. Raise --memory-limit, or lower --threads.",
  },
  BATCH_REJECTS: {
    kind: "invalid",
    message: "{rejected} of {rows} rows were rejected; --max-rejects allows {limit}.",
    fix: "Nothing was published. The rejected rows and their reasons lie in {path}.",
  },
  BATCH_ROWS: {
    kind: "invalid",
    message: "{name} says that it holds {expected} rows, but {found} could be read.",
    fix: "Nothing was published. The file is damaged; get a whole copy of it.",
  },
  BATCH_COLUMN: {
    kind: "missing",
    message: "{name} has no column {column}{suggestion}, which {use}.",
    fix: "Its columns are: {columns}. Derive the missing one in the definition's `batch.derive`, or name another.",
  },
  BATCH_TYPE: {
    kind: "invalid",
    message: "The column {column} of {name} is {type}; {expected}.",
    fix: "Mend the file, or make the column what the definition's `input` says in `batch.derive`: {hint}.",
  },
  BATCH_SCHEMA: {
    kind: "invalid",
    message: "The files do not fit one another: {column} is {type} in {name}, but {firstType} in {first}.",
    fix: "Score them into outputs of their own, or give the column one type in the definition's `batch.derive`.",
  },
  BATCH_WRITE: {
    kind: "invalid",
    message: "The output column {column} cannot be {source}: {problem}.",
    fix: "Write one of: id, row, row.COLUMN, truth, output.FIELD, truth - output, version, period, file.",
  },
  BATCH_PERIOD: {
    kind: "invalid",
    message: "{problem}.",
    fix: "Write a year, a month or a day: `--period 2021-03`, `--period 2021-03-01`, or a range for `--backfill 2021-03..2022-04`; in URLs `{places}` stand for its parts.",
  },
  BATCH_BACKTEST: {
    kind: "invalid",
    message: "The answers cannot be compared with the truth: {problem}.",
    fix: "Nothing was published. Name the truth in `batch.truth`, and write `truth` and `output.FIELD` in `batch.write`; slices are columns of the output.",
  },
  BATCH_DEFINITION: {
    kind: "invalid",
    message: "The definition {name} cannot be scored in batch: {problem}.",
    fix: "Mend its `batch` section; docs/batch.md says what it takes.",
  },
} as const;

// Rows of the error table: rows of files and streams, and the files they lie in.
export const tableErrors = {
  ROW_NOT_JSON: {
    kind: "invalid",
    message: "Line {line} is not JSON: {problem}.",
    fix: "Write one JSON value a line: an object, an array of numbers or a string.",
  },
  ROW_TOO_LONG: {
    kind: "invalid",
    message: "Line {line} is longer than {limit} bytes.",
    fix: "Write one row a line; for CSV name the file `.csv`.",
  },
  ROW_WIDTH: {
    kind: "invalid",
    message: "Row {row} has {cells} cells; the header has {columns}.",
    fix: "Give every row as many cells as the header; quote cells that hold a comma.",
  },
  ROW_INVALID: {
    kind: "invalid",
    message: "{count} problem(s) in the row, first: {first}",
    fix: "Mend the fields listed in `issues`.",
  },
  ROWS_FAILED: {
    kind: "invalid",
    message: "{failed} of {rows} rows have no answer.",
    fix: "Each has its reason in its place in the output, under `error`.",
  },
  TABLE_CSV: {
    kind: "invalid",
    message: "{name} is not sound CSV: {problem} near line {line}.",
    fix: "Quote cells that hold commas, quotes or line ends, and double the quotes inside of them.",
  },
  TABLE_HEADER: {
    kind: "invalid",
    message: "The header of {name} is not usable: {problem}.",
    fix: "Write one header row with a different name for each column.",
  },
  TABLE_FORMAT: {
    kind: "unsupported",
    message: "{name} ends in {extension}, which is not read or written here.",
    fix: "Use NDJSON (`.ndjson`, `.jsonl`) or CSV (`.csv`); `trimaran train` reads Parquet (`.parquet`) too.",
  },
  TABLE_ENGINE: {
    kind: "unsupported",
    message: "Reading this table needs DuckDB, which is not installed here.",
    fix: "Run `npm install @duckdb/node-api`; it has binaries for Linux, macOS and Windows on x64 and arm64.",
  },
  TABLE_READ: {
    kind: "invalid",
    message: "{name} cannot be read as a table: {problem}.",
    fix: "Give whole files of one format: Parquet, CSV with a header row, or one JSON object a line.",
  },
  TABLE_SQL: {
    kind: "invalid",
    message: "The SQL of {part} does not work: {problem}.",
    fix: "Mend it; it is DuckDB's SQL over these columns: {columns}.",
  },
  TABLE_COLUMN: {
    kind: "missing",
    message: "{name} has no column {column}{suggestion}.",
    fix: "Its columns are: {columns}.",
  },
} as const;

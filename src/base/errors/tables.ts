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
    fix: "Use NDJSON (`.ndjson`, `.jsonl`) or CSV (`.csv`).",
  },
} as const;

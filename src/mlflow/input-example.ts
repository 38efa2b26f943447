// The input example that was logged with a model (mlflow/models/utils.py), as rows: objects by name where it has names, else
// arrays. `input_example.json` is a data frame ({"columns": […], "data": [[…]]} or a list of records), an array, or a JSON
// object; `serving_input_example.json` wraps the same for MLflow's own scoring protocol.

/** Rows beyond these are left out: an example is to be looked at. */
const maxRows = 20;
const wrappers: readonly string[] = ["dataframe_split", "dataframe_records", "inputs", "instances"];

/** Null where its form is not known. Never throws. */
export function readInputExample(bytes: Uint8Array): readonly unknown[] | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  return toRows(value, 0);
}

function toRows(value: unknown, wrapped: number): readonly unknown[] | null {
  if (Array.isArray(value)) return value.slice(0, maxRows).map((row) => (isRow(row) ? row : [row]));
  if (!isRecord(value)) return null;
  const inner = wrappers.find((wrapper) => Object.hasOwn(value, wrapper));
  if (inner !== undefined && wrapped < 2) return toRows(value[inner], wrapped + 1);
  const { columns, data } = value;
  if (Array.isArray(data)) return splitRows(Array.isArray(columns) ? columns : null, data);
  return columnRows(value);
}

function splitRows(columns: readonly unknown[] | null, data: readonly unknown[]): readonly unknown[] | null {
  const rows = data.slice(0, maxRows);
  if (!rows.every((row) => Array.isArray(row))) return null;
  if (columns === null || !columns.every((name) => typeof name === "string")) return rows;
  if (rows.some((row) => row.length !== columns.length)) return null;
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
}

/** A list a column, all of one length; or plain values, which are one row. */
function columnRows(columns: Readonly<Record<string, unknown>>): readonly unknown[] | null {
  const entries = Object.entries(columns);
  if (entries.length === 0) return null;
  if (!entries.every(([, value]) => Array.isArray(value))) return [columns];
  const lists = entries as readonly (readonly [string, readonly unknown[]])[];
  const length = lists[0]?.[1].length ?? 0;
  if (lists.some(([, list]) => list.length !== length)) return [columns];
  return Array.from({ length: Math.min(length, maxRows) }, (_, row) =>
    Object.fromEntries(lists.map(([name, list]) => [name, list[row]])),
  );
}

function isRow(value: unknown): boolean {
  return Array.isArray(value) || isRecord(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

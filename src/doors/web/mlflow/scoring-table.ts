// The four JSON forms of MLflow's scoring protocol → one table: rows of cells, with or without names.
import { trimaranError } from "../../../base/errors.ts";

export interface ScoringTable {
  /** `frame`: what pandas would make a DataFrame; `tensor`: an array, or a dictionary of arrays. */
  readonly kind: "frame" | "tensor";
  /** Null: columns are known by position only. */
  readonly names: readonly string[] | null;
  /** `undefined` stands where a record has no such member. */
  readonly rows: readonly (readonly unknown[])[];
  /** The columns were of different lengths, which is told after the signature's own demands. */
  readonly ragged: boolean;
}

const fields = ["dataframe_split", "dataframe_records", "instances", "inputs"] as const;
type Field = (typeof fields)[number];
const fieldsText = `{${fields.map((field) => `'${field}'`).join(", ")}}`;

export interface ScoringBody {
  readonly table: ScoringTable;
  readonly params: unknown;
}

/** `only`: the name of the signature's only column, to which a plain list belongs. @throws SCORING_INPUT, SCORING_FIELDS */
export function readScoringBody(value: unknown, only: string | null): ScoringBody {
  if (!isRecord(value)) {
    const received = Array.isArray(value) ? "a list." : `unexpected input type '${pythonType(value)}'.`;
    const wanted = `The input must be a JSON dictionary with exactly one of the input fields ${fieldsText}`;
    throw invalid(`${wanted}. Received ${received}`);
  }
  const given = fields.filter((field) => Object.hasOwn(value, field));
  const [field] = given;
  if (field === undefined || given.length !== 1) {
    const received = `[${given.map((name) => `'${name}'`).join(", ")}]`;
    throw trimaranError("SCORING_FIELDS", { fields: fieldsText, received });
  }
  return { table: readers[field](value[field], only), params: value["params"] };
}

const readers: { readonly [Name in Field]: (value: unknown, only: string | null) => ScoringTable } = {
  dataframe_split: readSplit,
  dataframe_records: readRecords,
  instances: readInstances,
  inputs: readInputs,
};

const splitKeys: ReadonlySet<string> = new Set(["columns", "index", "data"]);

function readSplit(value: unknown): ScoringTable {
  if (!isRecord(value)) throw invalid(`Dataframe split format must be a dictionary. Got ${pythonKind(value)}.`);
  const keys = Object.keys(value);
  if (!Object.hasOwn(value, "data") || keys.some((key) => !splitKeys.has(key))) {
    const got = `{${keys.map((key) => `'${key}'`).join(", ")}}`;
    throw invalid(
      `Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got ${got}.`,
    );
  }
  const { columns = null, index = null, data } = value;
  if (!Array.isArray(data)) throw badSplit("'data' is no list");
  const names = columns === null ? null : splitNames(columns);
  // pandas takes a list of plain values for one column.
  const rows = data.map((row): readonly unknown[] => (Array.isArray(row) ? row : [row]));
  const width = names?.length ?? rows[0]?.length ?? 0;
  const bad = rows.findIndex((row) => row.length !== width);
  if (bad >= 0) throw badSplit(`row ${bad} has ${rows[bad]?.length} values, where ${width} columns are named`);
  if (data.some(isRecord)) throw badSplit("a row is an object");
  if (index !== null && (!Array.isArray(index) || index.length !== rows.length)) {
    throw badSplit(`'index' must be a list of ${rows.length} labels, one a row`);
  }
  return { kind: "frame", names, rows, ragged: false };
}

function splitNames(columns: unknown): readonly string[] {
  if (!Array.isArray(columns)) throw badSplit("'columns' is no list");
  const names = columns.map(String);
  if (columns.some((name) => typeof name === "object")) throw badSplit("a column's name is no plain value");
  if (new Set(names).size < names.length) throw badSplit("two columns have one name");
  return names;
}

function badSplit(problem: string): Error {
  const where = "Provided dataframe_split field is not a valid dataframe representation in 'split' format.";
  return invalid(`${where} Error: '${problem}'`);
}

function readRecords(value: unknown): ScoringTable {
  if (!Array.isArray(value)) {
    throw invalid(`Dataframe records format must be a list of records. Got ${pythonKind(value)}.`);
  }
  if (value.every(isRecord)) return recordTable("frame", value);
  // pandas takes lists and plain values here too, by position.
  if (value.some((row) => isRecord(row))) {
    const where = "Provided dataframe_records field is not a valid dataframe representation in 'records' format.";
    throw invalid(`${where} Error: 'objects stand among other values'`);
  }
  return arrayTable("frame", value);
}

function readInstances(value: unknown, only: string | null): ScoringTable {
  if (Array.isArray(value) && isRecord(value[0])) {
    if (!value.every(isRecord)) throw notJsonLike("objects stand among other values");
    const table = recordTable("tensor", value);
    if (!table.rows.some((row) => row.includes(undefined))) return table;
    throw invalid("The length of values for each input/column name are not the same");
  }
  const table = readInputs(value, only);
  if (table.ragged) throw invalid("The length of values for each input/column name are not the same");
  return table;
}

function readInputs(value: unknown, only: string | null): ScoringTable {
  if (isRecord(value)) return columnTable(value);
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isRecord)) return recordTable("tensor", value);
    if (value.some(isRecord)) throw notJsonLike("objects stand among other values");
    const table = arrayTable("tensor", value);
    const isColumn = only !== null && table.rows.every((row) => row.length === 1);
    return isColumn ? { ...table, names: [only] } : table;
  }
  return { kind: "tensor", names: only === null ? null : [only], rows: [[value]], ragged: false };
}

function notJsonLike(problem: string): Error {
  return invalid(`Ensure that the input is a valid JSON-formatted string.\nError: ${problem}`);
}

/** Names in the order in which they first come. */
function recordTable(kind: "frame" | "tensor", records: readonly Readonly<Record<string, unknown>>[]): ScoringTable {
  const names = new Set<string>();
  for (const record of records) for (const name of Object.keys(record)) names.add(name);
  const columns = [...names];
  const members = records.reduce((sum, record) => sum + Object.keys(record).length, 0);
  assertDense(records.length * columns.length, members);
  // `__proto__` may be a name: only own members count.
  const rows = records.map((record) => columns.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)));
  return { kind, names: columns, rows, ragged: false };
}

function arrayTable(kind: "frame" | "tensor", values: readonly unknown[]): ScoringTable {
  const rows = values.map((row): readonly unknown[] => (Array.isArray(row) ? row : [row]));
  return { kind, names: null, rows, ragged: false };
}

/** A list a column; a plain value stands for as many as the lists have, and alone for one row. */
function columnTable(columns: Readonly<Record<string, unknown>>): ScoringTable {
  const names = Object.keys(columns);
  const lists = names.map((name) => columns[name]);
  const lengths = new Set(lists.filter(Array.isArray).map((list) => list.length));
  const count = lengths.size === 0 ? Math.min(names.length, 1) : Math.max(...lengths);
  assertDense(
    count * names.length,
    lists.reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 1), 0),
  );
  const rows = Array.from({ length: count }, (_, row) =>
    lists.map((list): unknown => (Array.isArray(list) ? list[row] : list)),
  );
  return { kind: "tensor", names, rows, ragged: lengths.size > 1 };
}

/** Cells that may be made of what was not sent, whatever the size of the body. */
const freeCells = 2_000_000;

/**
 * A few bytes must not make a table that fills the memory: a hundred thousand records of one name each, all different, would be ten
 * thousand million cells.
 * @throws SCORING_INPUT
 */
export function assertDense(cells: number, given: number): void {
  if (cells <= freeCells + 4 * given) return;
  throw invalid(`The table would have ${cells} cells, of which ${given} were sent; send fewer columns or fewer rows.`);
}

function invalid(problem: string): Error {
  return trimaranError("SCORING_INPUT", { problem });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pythonKind(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return isRecord(value) ? "dictionary" : `type ${pythonType(value)}`;
}

function pythonType(value: unknown): string {
  if (value === null) return "<class 'NoneType'>";
  const names = { string: "str", boolean: "bool", number: Number.isInteger(value) ? "int" : "float" };
  return `<class '${names[typeof value as "string" | "boolean" | "number"]}'>`;
}

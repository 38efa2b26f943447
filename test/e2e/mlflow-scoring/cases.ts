// Requests that are sent to MLflow's own server and to ours: sound ones, and everything that callers get wrong.

export interface ScoringCase {
  readonly name: string;
  /** A model of log_models.py. */
  readonly model: string;
  readonly body: string | Uint8Array;
  /** @default application/json */
  readonly type?: string;
}

const named = ["regressor", "classifier", "proba", "optional", "names"] as const;
const rows = [
  [1, 2, 3],
  [0.5, -1.25, 4],
] as const;
const columns = ["a", "b", "n"] as const;
const records = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
const byColumn = Object.fromEntries(columns.map((name, index) => [name, rows.map((row) => row[index])]));

function json(model: string, name: string, value: unknown): ScoringCase {
  return { name: `${model}: ${name}`, model, body: typeof value === "string" ? value : JSON.stringify(value) };
}

const sound: readonly ScoringCase[] = [
  ...named.flatMap((model) => [
    json(model, "split", { dataframe_split: { columns, data: rows } }),
    json(model, "split with an index", { dataframe_split: { columns, index: ["x", "y"], data: rows } }),
    json(model, "records", { dataframe_records: records }),
  ]),
  ...["regressor", "classifier", "proba", "optional"].flatMap((model) => [
    json(model, "inputs by column", { inputs: byColumn }),
    json(model, "inputs by row", { inputs: records }),
    json(model, "instances by row", { instances: records }),
    json(model, "instances by column", { instances: byColumn }),
    json(model, "columns in another order", { dataframe_split: { columns: ["n", "a", "b"], data: [[3, 1, 2]] } }),
    json(model, "an extra column", { dataframe_split: { columns: [...columns, "z"], data: [[1, 2, 3, "q"]] } }),
    { name: `${model}: CSV`, model, body: "a,b,n\n1,2,3\n0.5,-1.25,4\n", type: "text/csv" },
  ]),
  ...["tensor", "unnamed", "bare"].flatMap((model) => [
    json(model, "inputs", { inputs: rows }),
    json(model, "instances", { instances: rows }),
    json(model, "split", { dataframe_split: { data: rows } }),
    json(model, "split with names", { dataframe_split: { columns, data: rows } }),
    json(model, "records", { dataframe_records: records }),
    { name: `${model}: CSV`, model, body: "a,b,n\n1,2,3\n0.5,-1.25,4\n", type: "text/csv" },
  ]),
  json("one", "a list for the only column", { inputs: [1, 2.5] }),
  json("one", "instances for the only column", { instances: [1, 2.5] }),
  json("one", "a scalar", { inputs: 3 }),
  json("one", "a column of strings that are numbers", { inputs: ["1", "2.5"] }),
  json("mixed", "split", { dataframe_split: { columns: ["city", "km", "old"], data: [["Ulm", 3, true]] } }),
  json("mixed", "an unseen category", { dataframe_records: [{ city: "Rom", km: 1.5, old: false }] }),
  json("mixed", "inputs", { inputs: { city: ["Ulm", "Bonn"], km: [3, 4], old: [true, false] } }),
  { name: "mixed: CSV", model: "mixed", body: "city,km,old\nUlm,3,True\nKiel,4.5,False\n", type: "text/csv" },
  json("unnamed", "more columns than the signature", { inputs: [[1, 2, 3, 4]] }),
  json("unnamed", "split with more columns", { dataframe_split: { data: [[1, 2, 3, 4]] } }),
  json("classifier", "a known param", { dataframe_records: records, params: { threshold: 0.7 } }),
  json("classifier", "an unknown param", { dataframe_records: records, params: { other: 1 } }),
  json("regressor", "params that no signature knows", { dataframe_records: records, params: { other: 1 } }),
  json("regressor", "params that are no object, without a schema", { dataframe_records: records, params: [1] }),
  json("regressor", "null params", { dataframe_records: records, params: null }),
  json("regressor", "another key beside", { dataframe_records: records, other: 1 }),
  json("regressor", "a whole float in the integer column", '{"inputs":{"a":[1.0],"b":[2],"n":[3.0]}}'),
  json("regressor", "numbers as strings", { dataframe_records: [{ a: "1", b: "2.5", n: "3" }] }),
  json("regressor", "booleans as numbers", { dataframe_records: [{ a: true, b: false, n: true }] }),
  { ...json("regressor", "a charset", { dataframe_records: records }), type: "application/json; charset=utf-8" },
  { ...json("regressor", "CHARSET UTF-8", { dataframe_records: records }), type: "application/json; charset=UTF-8" },
  { name: "regressor: CSV with an index column", model: "regressor", body: ",a,b,n\n0,1,2,3\n", type: "text/csv" },
  { name: "regressor: CSV with quotes", model: "regressor", body: '"a","b","n"\r\n"1","2","3"\r\n', type: "text/csv" },
];

const wrong: readonly ScoringCase[] = [
  ...["", "{", "[", "nope", "{'a':1}", '{"inputs":[1,]}', '{"inputs":1}x', '\ufeff{"inputs":[1]}'].map((body) =>
    json("regressor", `no JSON ${JSON.stringify(body)}`, body),
  ),
  ...["[1]", "[]", "3", "1.5", '"text"', "null", "true"].map((body) => json("regressor", `JSON ${body}`, body)),
  { name: "regressor: bytes that are not UTF-8", model: "regressor", body: Uint8Array.of(0x7b, 0xff, 0x7d) },
  json("regressor", "no field", {}),
  json("regressor", "a wrong field", { data: [1] }),
  json("regressor", "two fields", { inputs: [1], instances: [1] }),
  json("regressor", "split as a list", { dataframe_split: [1] }),
  json("regressor", "split as a string", { dataframe_split: "a" }),
  json("regressor", "split without data", { dataframe_split: { columns } }),
  json("regressor", "split with another key", { dataframe_split: { columns, data: rows, rows: 1 } }),
  json("regressor", "split that is ragged", { dataframe_split: { columns, data: [[1, 2, 3], [1]] } }),
  json("regressor", "split with too few names", { dataframe_split: { columns: ["a", "b"], data: rows } }),
  json("regressor", "split with an index too short", { dataframe_split: { columns, index: [1], data: rows } }),
  json("regressor", "records as an object", { dataframe_records: { a: [1] } }),
  json("regressor", "records as a number", { dataframe_records: 3 }),
  json("regressor", "split without names", { dataframe_split: { data: rows } }),
  json("regressor", "a missing column", { dataframe_split: { columns: ["a", "b"], data: [[1, 2]] } }),
  json("regressor", "a missing column and an extra one", { dataframe_records: [{ a: 1, b: 2, z: 3 }] }),
  json("regressor", "an array of arrays", { inputs: rows }),
  json("regressor", "instances of unequal keys", { instances: [{ a: 1, b: 2, n: 3 }, { a: 1 }] }),
  json("regressor", "inputs of unequal lengths", { inputs: { a: [1, 2], b: [1], n: [1] } }),
  json("regressor", "instances of unequal lengths", { instances: { a: [1, 2], b: [1], n: [1] } }),
  json("regressor", "text in a number", { dataframe_records: [{ a: "x", b: 2, n: 3 }] }),
  json("regressor", "text in a number, inputs", { inputs: { a: ["x"], b: [2], n: [3] } }),
  json("regressor", "null in a float", { dataframe_records: [{ a: null, b: 2, n: 3 }] }),
  json("regressor", "null in an integer", { dataframe_records: [{ a: 1, b: 2, n: null }] }),
  json("regressor", "NaN in a float", '{"dataframe_records":[{"a":NaN,"b":2,"n":3}]}'),
  json("regressor", "NaN in an integer", '{"dataframe_records":[{"a":1,"b":2,"n":NaN}]}'),
  json("regressor", "Infinity", '{"dataframe_records":[{"a":Infinity,"b":2,"n":3}]}'),
  json("regressor", "an overflow", '{"dataframe_records":[{"a":1e999,"b":2,"n":3}]}'),
  json("regressor", "a list in a number", { dataframe_records: [{ a: [1], b: 2, n: 3 }] }),
  json("regressor", "an object in a number", { dataframe_records: [{ a: {}, b: 2, n: 3 }] }),
  json("regressor", "a fraction in an integer", { dataframe_records: [{ a: 1, b: 2, n: 3.5 }] }),
  json("regressor", "an integer beyond 2^53", '{"dataframe_records":[{"a":1,"b":2,"n":9007199254740993}]}'),
  json("regressor", "an integer beyond 2^64", '{"dataframe_records":[{"a":1,"b":2,"n":99999999999999999999}]}'),
  json("regressor", "a key twice", '{"dataframe_records":[{"a":1,"a":2,"b":2,"n":3}]}'),
  json("regressor", "__proto__", '{"dataframe_records":[{"__proto__":1,"b":2,"n":3}]}'),
  json("regressor", "no rows", { dataframe_split: { columns, data: [] } }),
  json("regressor", "no records", { dataframe_records: [] }),
  json("regressor", "instances mixed", { instances: [{ a: 1, b: 2, n: 3 }, 1] }),
  json("regressor", "null inputs", { inputs: null }),
  json("regressor", "text inputs", { inputs: "x" }),
  json("classifier", "a param of another type", { dataframe_records: records, params: { threshold: "x" } }),
  json("classifier", "params that are no object", { dataframe_records: records, params: [1] }),
  json("optional", "the optional column left out", { dataframe_records: [{ a: 1, b: 2 }] }),
  json("tensor", "too few columns", { inputs: [[1, 2]] }),
  json("tensor", "too many columns", { inputs: [[1, 2, 3, 4]] }),
  json("tensor", "a vector", { inputs: [1, 2, 3] }),
  json("tensor", "ragged", { inputs: [[1, 2, 3], [1]] }),
  json("tensor", "text", { inputs: [["a", "b", "c"]] }),
  json("tensor", "by column", { inputs: byColumn }),
  json("tensor", "deeper", { inputs: [[[1, 2, 3]]] }),
  json("unnamed", "too few columns", { inputs: [[1, 2]] }),
  json("bare", "too few columns", { inputs: [[1, 2]] }),
  json("bare", "text", { inputs: [["a", "b", "c"]] }),
  json("bare", "a vector", { inputs: [1, 2, 3] }),
  json("names", "a missing column", { dataframe_records: [{ a: 1, b: 2 }] }),
  json("names", "an extra column", { dataframe_records: [{ a: 1, b: 2, n: 3, z: 4 }] }),
  json("names", "another order", { dataframe_split: { columns: ["n", "a", "b"], data: [[3, 1, 2]] } }),
  json("names", "by position", { inputs: rows }),
  json("names", "inputs by row", { inputs: records }),
  json("names", "instances by row", { instances: records }),
  json("mixed", "a number in the text column", { dataframe_records: [{ city: 3, km: 1, old: true }] }),
  json("mixed", "text in the boolean column", { dataframe_records: [{ city: "Ulm", km: 1, old: "no" }] }),
  json("mixed", "a missing column", { dataframe_records: [{ city: "Ulm", km: 1 }] }),
  { ...json("regressor", "latin1", { dataframe_records: records }), type: "application/json; charset=latin1" },
  { ...json("regressor", "a format", { dataframe_records: records }), type: "application/json; format=pandas-records" },
  { ...json("regressor", "text/plain", { dataframe_records: records }), type: "text/plain" },
  { ...json("regressor", "latin1 first", { dataframe_records: records }), type: "text/plain; charset=latin1; x=1" },
  { name: "regressor: empty CSV", model: "regressor", body: "", type: "text/csv" },
  { name: "regressor: CSV with text", model: "regressor", body: "a,b,n\nx,2,3\n", type: "text/csv" },
  { name: "regressor: CSV without a column", model: "regressor", body: "a,b\n1,2\n", type: "text/csv" },
  { name: "regressor: CSV with a long line", model: "regressor", body: "a,b,n\n1,2,3\n1,2,3,4\n", type: "text/csv" },
  { name: "regressor: CSV with a gap", model: "regressor", body: "a,b,n\n1,,3\n", type: "text/csv" },
  { name: "regressor: CSV without rows", model: "regressor", body: "a,b,n\n", type: "text/csv" },
  { name: "regressor: CSV of fractions", model: "regressor", body: "a,b,n\n1,2,3.5\n", type: "text/csv" },
  { name: "regressor: CSV not UTF-8", model: "regressor", body: Uint8Array.of(0x61, 0xff, 0x0a), type: "text/csv" },
];

export const scoringCases: readonly ScoringCase[] = [...sound, ...wrong];

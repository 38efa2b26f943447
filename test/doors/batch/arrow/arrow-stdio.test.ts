// Arrow streams in process: rows in, rows out, what is refused.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  Bool,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  type Table,
  TimestampMillisecond,
  tableFromIPC,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { type ArrowStdioOptions, scoreArrowStreams } from "../../../../src/doors/batch/arrow/arrow-stdio.ts";
import { arrowColumns } from "../../../../src/doors/batch/arrow/from-arrow.ts";
import { outColumn } from "../../../../src/doors/batch/arrow/to-arrow.ts";

const example = fileURLToPath(new URL("../../../../examples/ride-duration", import.meta.url));
const minute = 60_000;
const start = Date.UTC(2021, 2, 1);

function batchOf(columns: Readonly<Record<string, Vector>>): RecordBatch {
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, true));
  const children = Object.values(columns).map((vector) => vector.data[0]!);
  const length = children[0]?.length ?? 0;
  return new RecordBatch(new Schema(fields), makeData({ type: new Struct(fields), length, nullCount: 0, children }));
}

/** Row `at` takes `at` minutes. */
function rides(count: number, first = 0): RecordBatch {
  const list = <T>(make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(first + at));
  return batchOf({
    __trimaran_file: vectorFromArray(
      list(() => "2021-03"),
      new Utf8(),
    ),
    __trimaran_row: vectorFromArray(
      list((at) => BigInt(at)),
      new Int64(),
    ),
    lpep_pickup_datetime: vectorFromArray(
      list(() => start),
      new TimestampMillisecond(),
    ),
    lpep_dropoff_datetime: vectorFromArray(
      list((at) => start + at * minute),
      new TimestampMillisecond(),
    ),
    PULocationID: vectorFromArray(
      list((at) => (at === 5 ? 999 : 130)),
      new Int32(),
    ),
    DOLocationID: vectorFromArray(
      list(() => 205),
      new Int32(),
    ),
    trip_distance: vectorFromArray(
      list((at) => (at === 7 ? null : 3.66)),
      new Float64(),
    ),
    note: vectorFromArray(
      list((at) => `ü${at}`),
      new Utf8(),
    ),
    tags: vectorFromArray(
      list(() => [1.5, null]),
      new List(new Field("item", new Float64(), true)),
    ),
  });
}

async function scored(bytes: Uint8Array, options: Partial<ArrowStdioOptions> = {}): Promise<Table> {
  const input = new PassThrough();
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  input.end(bytes);
  const { signal } = new AbortController();
  const rest = { service: { env: {} }, methods: [], period: null, maxRejects: null, signal };
  await scoreArrowStreams({ target: example, ...rest, input, output, ...options });
  return tableFromIPC(Buffer.concat(chunks));
}

function streamOf(...batches: readonly RecordBatch[]): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  for (const batch of batches) writer.write(batch);
  writer.close();
  return writer.toUint8Array(true);
}

describe("a stream of Arrow record batches", () => {
  test("gives a row for every row, with the definition's derive, where and write, over several batches", async () => {
    const table = await scored(streamOf(rides(5000), rides(3, 5000)));
    assert.equal(table.numRows, 5003);
    const rows = table.toArray().map((row) => row?.toJSON() as Record<string, unknown>);
    const [zero, one] = rows;
    assert.equal(zero?.["__trimaran_reject"], "", "no minutes: the filter left it out");
    assert.equal(one?.["__trimaran_reject"], null);
    assert.equal(one?.["ride_id"], "2021-03/1");
    assert.equal(one?.["actual_duration"], 1);
    assert.equal(one?.["predicted_duration"], 15.691732237505335);
    assert.equal(one?.["diff"], 1 - 15.691732237505335);
    assert.equal(Number(one?.["lpep_pickup_datetime"]), start);
    const kept = rows.filter((row) => row["__trimaran_reject"] === null);
    assert.equal(kept.length, 58);
    assert.ok(rows.slice(61).every((row) => row["__trimaran_reject"] === "" && row["ride_id"] === null));
  });

  test("says of a row that does not fit where it stood, what is wrong and how it was", async () => {
    const table = await scored(streamOf(rides(10)));
    const told = table.getChild("__trimaran_reject")?.toArray() as (string | null)[];
    const { file, row, path, code, original } = JSON.parse(told[5] ?? "");
    assert.deepEqual(
      { file, row, path, code },
      { file: "2021-03", row: 5, path: "/PULocationID", code: "out_of_range" },
    );
    assert.deepEqual([original.note, original.tags, original.PULocationID], ["ü5", [1.5, null], 999]);
    assert.equal(JSON.parse(told[7] ?? "").path, "/trip_distance");
    assert.equal(table.getChild("predicted_duration")?.get(5), null);
  });

  test("of no batches is a stream of no batches with the schema of the answers", async () => {
    const table = await scored(tableToIPC(tableFromIPC(streamOf(rides(0))), "stream"));
    assert.equal(table.numRows, 0);
    assert.deepEqual(table.schema.names.slice(-2), ["model_version", "__trimaran_reject"]);
  });

  test("fails at the first batch with more rejects than are allowed", async () => {
    await assert.rejects(scored(streamOf(rides(10)), { maxRejects: { kind: "rows", rows: 1 } }), {
      code: "BATCH_REJECTS",
    });
    await scored(streamOf(rides(10)), { maxRejects: { kind: "rows", rows: 2 } });
  });

  test("that is no such stream, or breaks off, is refused", async () => {
    const whole = streamOf(rides(100));
    await assert.rejects(scored(Buffer.from("PULocationID,DOLocationID\n1,2\n")), { code: "TABLE_READ" });
    await assert.rejects(scored(whole.subarray(0, whole.length - 400)), { code: "TABLE_READ" });
    await assert.rejects(scored(new Uint8Array()), { code: "TABLE_READ" });
  });

  test("without a column that the definition declares is refused with the names of those that there are", async () => {
    const batch = rides(3);
    const names = batch.schema.names.map(String).filter((name) => name !== "trip_distance");
    await assert.rejects(scored(streamOf(batch.select(names as never))), (error: Error & { code: string }) => {
      return error.code === "BATCH_COLUMN" && error.message.includes("trip_distance");
    });
  });

  test("without numbers of rows cannot have ids that are made of them", async () => {
    const batch = rides(3);
    const names = batch.schema.names.map(String).filter((name) => name !== "__trimaran_row");
    await assert.rejects(scored(streamOf(batch.select(names as never))), { code: "BATCH_DEFINITION" });
  });
});

test("columns of Arrow are columns of DuckDB by their types; bytes are left out", () => {
  const types = [
    new Bool(),
    new Int32(),
    new Float32(),
    new Decimal(2, 10, 128),
    new DateDay(),
    new TimestampMillisecond("UTC"),
    new List(new Field("i", new Int32())),
  ];
  const columns = arrowColumns(new Schema(types.map((type, at) => new Field(`c${at}`, type, true))));
  assert.deepEqual(
    columns.map(({ type }) => type),
    ["BOOLEAN", "INTEGER", "FLOAT", "DECIMAL(10,2)", "DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR"],
  );
});

test("what an Arrow stream does not carry cannot be written", async () => {
  const arrow = await import("apache-arrow");
  assert.throws(() => outColumn(arrow, "bytes", "BLOB"), { code: "BATCH_WRITE" });
  assert.equal(String(outColumn(arrow, "n", "UBIGINT").type), "Decimal[20e0]");
});

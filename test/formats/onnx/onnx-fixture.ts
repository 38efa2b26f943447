// A graph of ours, written as ONNX, opened again through the real ONNX Runtime, and both asked the same rows.
import { makeOnnxRuntime } from "../../../scripts/onnx-runtime.ts";
import { type Batch, rowCountOf } from "../../../src/data/batch.ts";
import { type OutputValue, outputValue } from "../../../src/data/prediction-text.ts";
import type { Predictions } from "../../../src/data/predictions.ts";
import { toBatch } from "../../../src/data/to-batch.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import { openOnnx } from "../../../src/formats/onnx/onnx-predictor.ts";
import { readOnnx } from "../../../src/formats/onnx/read-onnx.ts";
import { type OnnxFile, type WriteOnnxOptions, writeOnnx } from "../../../src/formats/onnx/write-onnx.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import { isOnnxRuntime, type OnnxRuntime } from "../../../src/model/onnx-runtime.ts";

const found: unknown = await makeOnnxRuntime().catch(() => undefined);
export const onnxRuntime: OnnxRuntime | undefined = isOnnxRuntime(found) ? found : undefined;
/** `false` when the runtime is here, else the reason to skip by name. */
export const withoutRuntime: string | false =
  onnxRuntime === undefined ? "onnxruntime-node is not here and cannot be installed" : false;

export interface Disagreement {
  readonly method: string;
  readonly row: number;
  readonly ours: OutputValue;
  readonly theirs: OutputValue | undefined;
}

export interface Comparison {
  readonly file: OnnxFile;
  /** Rows that were compared. */
  readonly compared: number;
  /** The first rows that differ by more than the tolerance. */
  readonly wrong: readonly Disagreement[];
  /** Rows that we answer and the opened file refuses. */
  readonly refused: readonly number[];
}

export interface CompareOptions extends WriteOnnxOptions {
  /** Relative to the largest number of the row. */
  readonly tolerance: number;
}

/** @throws ONNX_EXPORT */
export async function compareAsOnnx(
  graph: ModelGraph,
  rows: readonly unknown[],
  { tolerance, ...options }: CompareOptions,
): Promise<Comparison> {
  const file = writeOnnx(graph, options);
  const ours = compileGraph(graph);
  const { batch, issues } = toBatch(rows, graph.input);
  const answers = ours.predict(batch, { methods: ours.methods });
  const source = readOnnx(file.bytes, "exported.onnx");
  const theirs = await openOnnx(source, onnxRuntime as OnnxRuntime);
  try {
    const skipped = new Set([...issues, ...answers.issues].map((issue) => issue.row));
    for (let row = 0; row < rowCountOf(batch); row++) if (!canSay(graph, file, { batch, row })) skipped.add(row);
    const asked = toBatch(
      rows.map((_, row) => rowFor(graph, file, { batch, row })),
      theirs.input,
    );
    const opened = await theirs.predict(asked.batch, { methods: theirs.methods });
    const refused = [...asked.issues, ...opened.issues].map((issue) => issue.row).filter((row) => !skipped.has(row));
    for (const row of refused) skipped.add(row);
    const wrong = rows.flatMap((_, row) => (skipped.has(row) ? [] : differences(answers, opened, { row, tolerance })));
    return { file, compared: rows.length - skipped.size, wrong, refused: [...new Set(refused)] };
  } finally {
    theirs.close();
  }
}

interface Place {
  readonly batch: Batch;
  readonly row: number;
}

/** A tensor has one type and no null: lists, mixed types and an empty string that is no missing cell cannot be said. */
function canSay(graph: ModelGraph, file: OnnxFile, { batch, row }: Place): boolean {
  if (batch.kind === "matrix") return true;
  return file.inputs.every(({ name, type }) => {
    const cell = cellOf(graph, name, { batch, row });
    if (type !== "string") return typeof cell !== "string" && typeof cell !== "object";
    return (typeof cell === "string" && cell !== "") || (batch.kind === "table" && cell === null);
  });
}

function rowFor(graph: ModelGraph, file: OnnxFile, { batch, row }: Place): unknown {
  if (batch.kind === "matrix") return [...batch.values.subarray(row * batch.width, (row + 1) * batch.width)];
  return file.inputs.map(({ name, type }) => {
    const cell = cellOf(graph, name, { batch, row });
    if (type === "string") return typeof cell === "string" || cell === null ? cell : "";
    return typeof cell === "string" || typeof cell === "object" ? Number.NaN : cell;
  });
}

/** An absent feature of a dictionary is 0, or a string that nobody knows. */
function cellOf(graph: ModelGraph, name: string, { batch, row }: Place): unknown {
  if (batch.kind === "records") {
    const record = batch.rows[row] ?? {};
    const vectorize = graph.ops.find((op) => op.kind === "vectorize");
    // A key that is itself a column (`pair=1_1`) has no input of its own.
    const stray = Object.keys(record).find((key) => vectorize?.names.includes(key) && !isFeature(graph, key));
    if (stray !== undefined) return null;
    if (Object.hasOwn(record, name)) return record[name] ?? Number.NaN;
    const feature =
      graph.input.kind === "records" ? graph.input.features.find((each) => each.name === name) : undefined;
    return feature?.numeric ? 0 : "\u0001 nobody knows this";
  }
  if (batch.kind !== "table" || graph.input.kind !== "table") throw new TypeError("a table was promised");
  return batch.columns[graph.input.columns.findIndex((column) => column.name === name)]?.values[row] ?? null;
}

function isFeature(graph: ModelGraph, key: string): boolean {
  return graph.input.kind === "records" && graph.input.features.some(({ name }) => name === key);
}

function differences(
  ours: Predictions,
  theirs: Predictions,
  { row, tolerance }: { row: number; tolerance: number },
): readonly Disagreement[] {
  return Object.entries(ours.outputs).flatMap(([method, column]): readonly Disagreement[] => {
    const a = outputValue(column, row);
    const parts = column.kind === "list" ? column.items.map((_, index) => `${method}_${index}`) : [method];
    const b = parts.map((name) => {
      const found = theirs.outputs[name];
      return found === undefined ? undefined : outputValue(found, row);
    });
    const [left, right] = [[a].flat(3) as OutputValue[], b.flat(3) as (OutputValue | undefined)[]];
    const scale = Math.max(...left.map((value) => (Number.isFinite(value) ? Math.abs(Number(value)) : 0)), 1e-300);
    const same = left.length === right.length && left.every((value, at) => isNear(value, right[at], scale * tolerance));
    return same ? [] : [{ method, row, ours: a, theirs: b.length === 1 ? b[0] : (b as OutputValue) }];
  });
}

function isNear(a: OutputValue, b: OutputValue | undefined, far: number): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= far;
}

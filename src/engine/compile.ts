// Compiles a model graph to a Predictor that computes whole batches.
import { trimaranError } from "../base/errors.ts";
import { type Batch, rowCountOf } from "../data/batch.ts";
import type { OutputColumn, OutputType, Predictions } from "../data/predictions.ts";
import { type GraphOutput, type ModelGraph, valueTypes } from "../model/graph.ts";
import type { PredictOptions, SyncPredictor } from "../model/predictor.ts";
import type { NumberType, ValueType } from "../model/value.ts";
import { type ForestOpener, forestOpener } from "./fast/forest.ts";
import { CallFrame } from "./frame.ts";
import { planSteps, type Step } from "./plan.ts";
import { answersRows, type RowFunction, rowFunction } from "./row-function.ts";
import type { RuntimeValue } from "./runtime-value.ts";

export interface CompileOptions {
  /**
   * `reference` runs only the plain kernels; the answers are the same to the last bit.
   * @default "fast"
   */
  readonly kernels?: "fast" | "reference";
}

/** @throws MODEL_GRAPH when the graph is not sound */
export function compileGraph(graph: ModelGraph, options: CompileOptions = {}): SyncPredictor {
  const openForest = options.kernels === "reference" ? null : forestOpener();
  return compileTyped({ graph, types: valueTypes(graph), openForest });
}

export interface TypedGraph {
  readonly graph: ModelGraph;
  /** As `valueTypes` gives them for this graph. */
  readonly types: readonly ValueType[];
  /** Null: plain kernels only. */
  readonly openForest: ForestOpener | null;
}

/** Compiles a graph that is checked already. */
export function compileTyped({ graph, types, openForest }: TypedGraph): SyncPredictor {
  const methods = orderedMethods(graph);
  const defaults = [graph.defaultMethod];
  const plans = new Map<string, readonly Step[]>();
  const planOf = (asked: readonly string[]): readonly Step[] => {
    const key = asked.length === 1 ? (asked[0] as string) : asked.join(",");
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = planSteps({ graph, types, methods: asked, openForest });
      plans.set(key, plan);
    }
    return plan;
  };
  const predict = (batch: Batch, { methods: asked = defaults }: PredictOptions = {}): Predictions => {
    for (const method of asked) assertMethod(graph, methods, method);
    const rowCount = rowCountOf(batch);
    const frame = new CallFrame(rowCount);
    const values: RuntimeValue[] = [batchValue(batch)];
    for (const step of planOf(asked)) {
      const inputs = step.inputs.map((id) => values[id] as RuntimeValue);
      values[step.result] = step.kernel(inputs, frame);
    }
    const outputs: Record<string, OutputColumn> = {};
    for (const method of asked) {
      const output = graph.outputs[method] as GraphOutput;
      const column = outputColumn(values[output.value] as RuntimeValue, types[output.value] as ValueType, output);
      outputs[method] = output.widths === undefined ? column : listColumn(column, output.widths);
    }
    return { rowCount, outputs, issues: frame.issues, warnings: frame.warnings };
  };
  let row: RowFunction | undefined;
  const predictRow: RowFunction = (cells) => {
    row ??= rowFunction({ graph, openForest, predict });
    return row(cells);
  };
  return {
    kind: "sync",
    input: graph.input,
    methods,
    predict,
    ...(answersRows(graph, types) ? { predictRow } : {}),
    close() {
      plans.clear();
      row = undefined;
      openForest?.forget();
    },
  };
}

function orderedMethods(graph: ModelGraph): readonly string[] {
  const others = Object.keys(graph.outputs).filter((method) => method !== graph.defaultMethod);
  return [graph.defaultMethod, ...others];
}

function assertMethod(graph: ModelGraph, methods: readonly string[], method: string): void {
  if (Object.hasOwn(graph.outputs, method)) return;
  throw trimaranError("MODEL_METHOD", { method, methods: methods.join(", ") });
}

function batchValue(batch: Batch): RuntimeValue {
  switch (batch.kind) {
    case "records":
      return batch;
    case "matrix":
      return { kind: "dense", width: batch.width, values: batch.values };
    case "table":
      return { kind: "table", columns: batch.columns };
  }
}

const outputTypes: { readonly [Type in NumberType]: OutputType } = {
  f64: "float64",
  f32: "float32",
  i64: "integer",
  bool: "boolean",
};

/** A sparse answer is written out in full: half a GiB, which a hashing vectorizer of a million columns fills with 64 rows. */
const maxAnswerNumbers = 2 ** 26;

function outputColumn(value: RuntimeValue, type: ValueType, { scalar }: GraphOutput): OutputColumn {
  if (value.kind === "label" && type.kind === "label") {
    return { kind: "label", scalar, width: value.width, codes: value.codes, labels: type.labels };
  }
  if (value.kind === "dense" && type.kind === "dense") {
    return { kind: "number", type: outputTypes[type.number], scalar, width: value.width, values: value.values };
  }
  if (value.kind === "sparse" && type.kind === "sparse") {
    const rowCount = value.indptr.length - 1;
    const { width } = value;
    if (rowCount * width > maxAnswerNumbers) {
      throw trimaranError("MODEL_OUTPUT_LIMIT", { rows: rowCount, width, limit: maxAnswerNumbers });
    }
    const values = new Float64Array(rowCount * width);
    for (let row = 0; row < rowCount; row++) {
      for (let at = value.indptr[row] as number; at < (value.indptr[row + 1] as number); at++) {
        const cell = row * value.width + (value.indices[at] as number);
        values[cell] = (values[cell] as number) + (value.data[at] as number);
      }
    }
    return { kind: "number", type: outputTypes[type.number], scalar, width: value.width, values };
  }
  if (value.kind === "table") {
    const { columns } = value;
    const rowCount = columns[0]?.values.length ?? 0;
    const cells = Array.from({ length: rowCount }, (_, row) => columns.map((column) => column.values[row] ?? null));
    return { kind: "cell", scalar, width: columns.length, cells: cells.flat() };
  }
  throw new TypeError(`compile: a method answers ${value.kind} where ${type.kind} was promised`);
}

/** The outputs that lie side by side in `column`, each as a column of its own. */
function listColumn(column: OutputColumn, widths: readonly number[]): OutputColumn {
  if (column.kind === "list" || column.kind === "cell") return column;
  let start = 0;
  const items = widths.map((width): OutputColumn => {
    const from = start;
    start += width;
    if (column.kind === "label") {
      const codes = columnsOf(column.codes, column.width, { from, width });
      return { ...column, scalar: false, width, codes, labels: column.labels.slice(from, from + width) };
    }
    return { ...column, scalar: false, width, values: columnsOf(column.values, column.width, { from, width }) };
  });
  return { kind: "list", items };
}

function columnsOf<Cells extends Float64Array | Float32Array | Int32Array>(
  cells: Cells,
  stride: number,
  { from, width }: { from: number; width: number },
): Cells {
  const rowCount = stride === 0 ? 0 : cells.length / stride;
  const taken = cells.slice(0, rowCount * width) as Cells;
  for (let row = 0; row < rowCount; row++) {
    taken.set(cells.subarray(row * stride + from, row * stride + from + width), row * width);
  }
  return taken;
}

// `model.trimaran`: a graph of ours, or the bytes of an ONNX file, in a container. What is read is checked as a graph of any
// other source is: shapes of ops first, then `valueTypes`, which walks every tree.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { InputColumn } from "../../data/model-input.ts";
import { type ModelGraph, valueTypes } from "../../model/graph.ts";
import type { Op } from "../../model/op.ts";
import { graphError } from "../../model/op-definition.ts";
import { containerPieces, isContainer, joinPieces, readContainer } from "./container.ts";
import { opShape } from "./op-shapes.ts";
import {
  byMember,
  count,
  flag,
  isRecord,
  listOf,
  type Members,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  u8,
} from "./shape.ts";

/** What a `model.trimaran` holds. */
export type GraphFileModel =
  | { readonly kind: "graph"; readonly graph: ModelGraph }
  | { readonly kind: "onnx"; readonly bytes: Uint8Array };

export interface GraphFile {
  readonly model: GraphFileModel;
  /** Library → the versions that wrote the model that this one was made of, and this file. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

/** By its first bytes. */
export function isGraphFile(bytes: Uint8Array): boolean {
  return isContainer(bytes);
}

/** @throws GRAPH_CUSTOM for the functions of a definition's own estimators */
export function writeGraphFile({ model, versions }: GraphFile): Uint8Array {
  if (model.kind === "graph") assertWritable(model.graph);
  return joinPieces(containerPieces("model", { model, versions }));
}

/** @throws GRAPH_CUSTOM */
export function assertWritable({ ops }: ModelGraph): void {
  for (const op of ops) if (op.kind === "custom") throw trimaranError("GRAPH_CUSTOM", { class: op.className });
}

/** @throws FORMAT_DAMAGED, FORMAT_LIMIT, GRAPH_VERSION, MODEL_GRAPH */
export function readGraphFile(bytes: Uint8Array, name: string): GraphFile {
  const { kind, value } = readContainer(bytes, name);
  if (kind !== "model") throw notAModel(name);
  fileShape(value, "file");
  const file = value as GraphFile;
  if (file.model.kind === "onnx") return file;
  const { graph } = file.model;
  if (!Object.hasOwn(graph.outputs, graph.defaultMethod)) throw graphError("its default method is none of its methods");
  valueTypes(graph);
  return file;
}

/** The op with its inputs as other values: a graph that continues another one. */
export function withInputs(op: Op, renumber: (value: number) => number): Op {
  return { ...op, inputs: op.inputs.map(renumber) } as Op;
}

function notAModel(name: string): TrimaranError {
  return trimaranError("FORMAT_DAMAGED", { name, problem: "it is an entry of a cache, not a model", offset: 12 });
}

const columns = listOf(
  record({
    name: text,
    type: oneOf("number", "integer", "string", "boolean", "any"),
    nullable: flag,
    optional: optional(flag),
  } satisfies Members<InputColumn>),
);
const inputShape = byMember("kind", {
  records: record({
    kind: text,
    features: listOf(record({ name: text, numeric: flag, categories: listOf(text) })),
    items: optional(oneOf("strings", "pairs")),
  }),
  matrix: record({ kind: text, named: flag, columns, anyWidth: optional(oneOf(true)) }),
  table: record({ kind: text, named: flag, columns }),
});
const outputShape = record({ value: count, scalar: flag, widths: optional(listOf(count)) });

function recordOf(shape: Shape): Shape {
  const any = record({});
  return (value, path) => {
    if (!isRecord(value)) any(value, path);
    else for (const each of Object.values(value)) shape(each, path);
  };
}

const fileShape = record({
  model: byMember("kind", {
    graph: record({
      kind: text,
      graph: record({ input: inputShape, ops: listOf(opShape), outputs: recordOf(outputShape), defaultMethod: text }),
    }),
    onnx: record({ kind: text, bytes: u8 }),
  }),
  versions: recordOf(listOf(text)),
});

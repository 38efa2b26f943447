// Source → graph and facts. `inspectSource` reports what `readModel` throws.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { readInputExample } from "../../mlflow/input-example.ts";
import { type MLmodel, readMLmodel } from "../../mlflow/mlmodel.ts";
import { readSignature } from "../../mlflow/signature.ts";
import type { ModelGraph } from "../../model/graph.ts";
import { graphBuilder } from "../../model/graph-builder.ts";
import { assertStep } from "../onnx/onnx-step.ts";
import type { OnnxSource } from "../onnx/read-onnx.ts";
import { pyTuple } from "../pickle/tree.ts";
import type { Finding } from "../pickle/untrusted.ts";
import { customRecord } from "../sklearn/custom-record.ts";
import type { EstimatorRecord } from "../sklearn/estimator.ts";
import { readEstimator, recordFinder } from "../sklearn/read-estimator.ts";
import { modelFileOf } from "./flavors.ts";
import { type FileContent, type FileReading, readFile } from "./flavour-table.ts";
import { exampleMembers, maxExampleBytes } from "./folder-members.ts";
import { memberNeeded, membersOf, pickMembers } from "./members.ts";
import { type ModelFacts, noFacts, predictMethodOf } from "./model-facts.ts";
import type { ModelFolder, ModelSource } from "./model-source.ts";
import { assertLimits } from "./read-limits.ts";
import type { ReadOptions } from "./read-options.ts";
import { withSignature } from "./signature-input.ts";

export interface ReadModel {
  readonly graph: ModelGraph;
  readonly facts: ModelFacts;
}

/** A graph of ours, or an ONNX file that a runtime of the host computes. */
export type AnyModel =
  | (ReadModel & { readonly kind: "graph" })
  | {
      readonly kind: "onnx";
      readonly onnx: OnnxSource;
      /** The steps before it, whose `transform` makes its rows; null where it stands alone. */
      readonly before: ModelGraph | null;
      readonly facts: ModelFacts;
    };

/** As `readAnyModel`, for callers that need a graph. @throws ONNX_GRAPH */
export function readModel(sources: readonly ModelSource[], options: ReadOptions = {}): ReadModel {
  const model = readAnyModel(sources, options);
  if (model.kind === "graph") return model;
  throw trimaranError("ONNX_GRAPH", { name: model.onnx.name, wanted: "read as a graph of ours" });
}

/**
 * Reads a model, or several sources as the steps of one pipeline. Nothing in them is run.
 * @throws FORMAT_*, PICKLE_*, MLMODEL_*, MODEL_*, ONNX_*
 */
export function readAnyModel(sources: readonly ModelSource[], options: ReadOptions = {}): AnyModel {
  assertLimits({ ...options.limits });
  const contents: FileContent[] = [];
  let facts = noFacts;
  for (const source of sources) {
    const part = readSource(source, options);
    if (part.problem !== null) throw part.problem;
    if (part.content !== null) contents.push(part.content);
    // The last step is the model itself: its MLmodel names the run and the default method.
    facts = facts.format === null ? part.facts : mergeFacts(facts, part.facts);
  }
  const name = sources.map((source) => source.name).join(" + ");
  const last = contents.at(-1);
  if (last?.kind === "onnx") {
    const steps = contents.slice(0, -1);
    if (steps.length === 0) return { kind: "onnx", onnx: last.onnx, before: null, facts };
    const { graph, facts: said } = described(graphOf(steps, { name, options }), facts);
    assertStep(last.onnx, graph);
    return { kind: "onnx", onnx: last.onnx, before: graph, facts: said };
  }
  return { kind: "graph", ...described(graphOf(contents, { name, options }), facts) };
}

export interface Inspection {
  /** Null when the file was refused, and of an ONNX file. */
  readonly graph: ModelGraph | null;
  /** In its place, of an ONNX file. */
  readonly onnx?: OnnxSource;
  readonly facts: ModelFacts;
  /** Everything the audit found, dangers and notes. */
  readonly findings: readonly Finding[];
  readonly problem: TrimaranError | null;
}

/** Everything that can be said of one source, also of one that is refused. */
export function inspectSource(source: ModelSource, options: ReadOptions = {}): Inspection {
  let part: FileReading = { content: null, problem: null, facts: noFacts, findings: [] };
  try {
    part = readSource(source, options);
    const { content, problem, facts, findings } = part;
    if (content === null) return { graph: null, facts, findings, problem };
    if (content.kind === "onnx") return { graph: null, onnx: content.onnx, facts, findings, problem };
    return { ...described(graphOf([content], { name: source.name, options }), facts), findings, problem };
  } catch (cause) {
    if (!isTrimaranError(cause)) throw cause;
    return { graph: null, facts: part.facts, findings: part.findings, problem: cause };
  }
}

function readSource(source: ModelSource, options: ReadOptions): FileReading {
  if (source.kind === "file") {
    return withMembers(readFile(source.bytes, source.name, options), { name: source.name, source, options });
  }
  const description = source.files.get("MLmodel");
  if (description === undefined) throw trimaranError("FORMAT_FOLDER", { name: source.name });
  const mlmodel: MLmodel = readMLmodel(description, source.name);
  const member = modelFileOf(mlmodel, source.name);
  const bytes = source.files.get(member);
  if (bytes === undefined) {
    const problem = `it names the file ${member}, which is not there`;
    throw trimaranError("MLMODEL_INVALID", { name: source.name, problem });
  }
  const name = `${source.name}/${member}`;
  const part = withMembers(readFile(bytes, name, options), { name, source, options });
  const signature = readSignature(mlmodel, source.name);
  const example = exampleRows(mlmodel, source);
  return { ...part, facts: { ...part.facts, format: `mlflow/${part.facts.format}`, mlmodel, signature, example } };
}

/** The first of its example files that is here and can be read. */
function exampleRows(mlmodel: MLmodel, { name, files }: ModelFolder): readonly unknown[] {
  for (const member of exampleMembers(mlmodel, name)) {
    const bytes = files.get(member);
    const rows = bytes === undefined || bytes.length > maxExampleBytes ? null : readInputExample(bytes);
    if (rows !== null) return rows;
  }
  return [];
}

/** Takes the named parts of a file that holds several. @throws MEMBER_NOT_FOUND, MEMBER_NEEDED as the reading's problem */
function withMembers(
  part: FileReading,
  { name, source, options }: { name: string; source: ModelSource; options: ReadOptions },
): FileReading {
  const { content } = part;
  const named = source.members ?? [];
  if (content?.kind !== "objects") {
    if (content === null || named.length === 0) return part;
    const slots = { name, what: "a model without parts", member: named.join(","), members: "none" };
    return { ...part, content: null, problem: trimaranError("MEMBER_NOT_FOUND", slots) };
  }
  const { root } = content;
  const members = membersOf(root, recordFinder(customRecords(options)));
  const facts = { ...part.facts, members };
  if (named.length === 0) {
    if (members.length === 0) return part;
    return { ...part, facts, content: null, problem: memberNeeded(root, members, name) };
  }
  return { ...part, facts, content: { kind: "objects", root, parts: pickMembers(root, named, { name }) } };
}

function customRecords(options: ReadOptions): readonly EstimatorRecord[] {
  return (options.estimators ?? []).map(customRecord);
}

/** Python objects are steps of one pipeline; a standalone model may only be the last step, after objects that transform. */
function graphOf(
  contents: readonly FileContent[],
  { name, options }: { name: string; options: ReadOptions },
): ModelGraph {
  const records = customRecords(options);
  const objects = contents.filter((content) => content.kind === "objects");
  const parts = objects.flatMap((content) => content.parts ?? [{ value: content.root, path: "" }]);
  const last = contents.at(-1);
  const [only] = parts;
  const onnx = contents.find((content) => content.kind === "onnx");
  if (onnx !== undefined) throw trimaranError("ONNX_GRAPH", { name: onnx.onnx.name, wanted: "a step before others" });
  const root = parts.length === 1 && only !== undefined ? only.value : pyTuple(parts.map(({ value }) => value));
  // Of several files each begins at its own root: their positions tell them apart.
  const paths = parts.map(({ path }, index) => (path === "" && parts.length > 1 ? `[${index}]` : path));
  if (last?.kind !== "standalone" && objects.length === contents.length) {
    return readEstimator(root, { name, paths, records });
  }
  if (last?.kind !== "standalone" || objects.length !== contents.length - 1) {
    throw trimaranError("MODEL_NOT_A_MODEL", { name, what: "a complete model before the last step" });
  }
  if (parts.length > 0) return readEstimator(root, { name, paths, records, last: last.model });
  const graph = graphBuilder(last.model.input);
  const methods = last.model.toOps(graph, graph.input);
  const usual = Object.hasOwn(methods, "predict") ? "predict" : (Object.keys(methods)[0] ?? "");
  return graph.finish(methods, last.model.defaultMethod ?? usual);
}

function mergeFacts(first: ModelFacts, last: ModelFacts): ModelFacts {
  return {
    ...last,
    format: `${first.format} + ${last.format}`,
    classes: [...new Set([...first.classes, ...last.classes])],
    versions: {
      ...first.versions,
      ...last.versions,
    },
    // Rows go into the first step.
    signature: first.signature,
    example: first.example,
    members: [...first.members, ...last.members],
    notes: [...first.notes, ...last.notes],
  };
}

/** The graph with what its MLmodel says of it. */
function described(graph: ModelGraph, facts: ModelFacts): ReadModel {
  const named = withDefaultMethod(graph, predictMethodOf(facts));
  if (facts.signature === null) return { graph: named, facts };
  const { input, notes } = withSignature(named.input, facts.signature);
  return { graph: { ...named, input }, facts: { ...facts, notes: [...facts.notes, ...notes] } };
}

function withDefaultMethod(graph: ModelGraph, method: string | null): ModelGraph {
  return method !== null && Object.hasOwn(graph.outputs, method) ? { ...graph, defaultMethod: method } : graph;
}

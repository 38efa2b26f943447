// Source → graph and facts. `inspectSource` reports what `readModel` throws.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { type MLmodel, readMLmodel } from "../../mlflow/mlmodel.ts";
import type { ModelGraph } from "../../model/graph.ts";
import { graphBuilder } from "../../model/graph-builder.ts";
import { type PyValue, pyTuple } from "../pickle/tree.ts";
import type { Finding } from "../pickle/untrusted.ts";
import { readEstimator } from "../sklearn/read-estimator.ts";
import { modelFileOf } from "./flavors.ts";
import { type FileContent, type FileReading, readFile } from "./flavour-table.ts";
import { type ModelFacts, noFacts, predictMethodOf } from "./model-facts.ts";
import type { ModelSource } from "./model-source.ts";

export interface ReadModel {
  readonly graph: ModelGraph;
  readonly facts: ModelFacts;
}

/**
 * Reads a model, or several sources as the steps of one pipeline. Nothing in them is run.
 * @throws FORMAT_*, PICKLE_*, MLMODEL_*, MODEL_*
 */
export function readModel(sources: readonly ModelSource[]): ReadModel {
  const contents: FileContent[] = [];
  let facts = noFacts;
  for (const source of sources) {
    const part = readSource(source);
    if (part.problem !== null) throw part.problem;
    if (part.content !== null) contents.push(part.content);
    // The last step is the model itself: its MLmodel names the run and the default method.
    facts = facts.format === null ? part.facts : mergeFacts(facts, part.facts);
  }
  const name = sources.map((source) => source.name).join(" + ");
  return { graph: withDefaultMethod(graphOf(contents, name), predictMethodOf(facts)), facts };
}

export interface Inspection {
  /** Null when the file was refused. */
  readonly graph: ModelGraph | null;
  readonly facts: ModelFacts;
  /** Everything the audit found, dangers and notes. */
  readonly findings: readonly Finding[];
  readonly problem: TrimaranError | null;
}

/** Everything that can be said of one source, also of one that is refused. */
export function inspectSource(source: ModelSource): Inspection {
  let part: FileReading = { content: null, problem: null, facts: noFacts, findings: [] };
  try {
    part = readSource(source);
    const { content, problem, facts, findings } = part;
    if (content === null) return { graph: null, facts, findings, problem };
    const graph = withDefaultMethod(graphOf([content], source.name), predictMethodOf(facts));
    return { graph, facts, findings, problem };
  } catch (cause) {
    if (!isTrimaranError(cause)) throw cause;
    return { graph: null, facts: part.facts, findings: part.findings, problem: cause };
  }
}

function readSource(source: ModelSource): FileReading {
  if (source.kind === "file") return readFile(source.bytes, source.name);
  const description = source.files.get("MLmodel");
  if (description === undefined) throw trimaranError("FORMAT_FOLDER", { name: source.name });
  const mlmodel: MLmodel = readMLmodel(description, source.name);
  const member = modelFileOf(mlmodel, source.name);
  const bytes = source.files.get(member);
  if (bytes === undefined) {
    const problem = `it names the file ${member}, which is not there`;
    throw trimaranError("MLMODEL_INVALID", { name: source.name, problem });
  }
  const part = readFile(bytes, `${source.name}/${member}`);
  return { ...part, facts: { ...part.facts, format: `mlflow/${part.facts.format}`, mlmodel } };
}

/** Python objects are steps of one pipeline; a standalone model may only be the last step, after objects that transform. */
function graphOf(contents: readonly FileContent[], name: string): ModelGraph {
  const roots: PyValue[] = [];
  for (const content of contents) if (content.kind === "objects") roots.push(content.root);
  const last = contents.at(-1);
  const [only] = roots;
  const root = roots.length === 1 && only !== undefined ? only : pyTuple(roots);
  if (last?.kind !== "standalone" && roots.length === contents.length) return readEstimator(root, { name });
  if (last?.kind !== "standalone" || roots.length !== contents.length - 1) {
    throw trimaranError("MODEL_NOT_A_MODEL", { name, what: "a complete model before the last step" });
  }
  if (roots.length > 0) return readEstimator(root, { name, last: last.model });
  const graph = graphBuilder(last.model.input);
  const methods = last.model.toOps(graph, graph.input);
  return graph.finish(methods, Object.hasOwn(methods, "predict") ? "predict" : (Object.keys(methods)[0] ?? ""));
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
    notes: [...first.notes, ...last.notes],
  };
}

function withDefaultMethod(graph: ModelGraph, method: string | null): ModelGraph {
  return method !== null && Object.hasOwn(graph.outputs, method) ? { ...graph, defaultMethod: method } : graph;
}

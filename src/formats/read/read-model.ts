// Source → graph and facts. `inspectSource` reports what `readModel` throws.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { type MLmodel, memberPath, readMLmodel } from "../../mlflow/mlmodel.ts";
import type { ModelGraph } from "../../model/graph.ts";
import { type PyValue, pyTuple } from "../pickle/tree.ts";
import type { Finding } from "../pickle/untrusted.ts";
import { readEstimator } from "../sklearn/read-estimator.ts";
import { flavorOf } from "./flavors.ts";
import { assertKnownFormat } from "./known-formats.ts";
import { type ModelFacts, noFacts, predictMethodOf } from "./model-facts.ts";
import type { ModelSource } from "./model-source.ts";
import { readPickledModel } from "./pickled-model.ts";

export interface ReadModel {
  readonly graph: ModelGraph;
  readonly facts: ModelFacts;
}

/**
 * Reads a model, or several sources as the steps of one pipeline. Nothing in them is run.
 * @throws FORMAT_*, PICKLE_*, MLMODEL_*, MODEL_*
 */
export function readModel(sources: readonly ModelSource[]): ReadModel {
  const roots: PyValue[] = [];
  let facts = noFacts;
  for (const source of sources) {
    const part = readSourceRoot(source);
    if (part.problem !== null) throw part.problem;
    roots.push(part.root ?? null);
    // The last step is the model itself: its MLmodel names the run and the default method.
    facts = facts.format === null ? part.facts : mergeFacts(facts, part.facts);
  }
  const [only] = roots;
  const name = sources.map((source) => source.name).join(" + ");
  const graph = readEstimator(roots.length === 1 && only !== undefined ? only : pyTuple(roots), { name });
  return { graph: withDefaultMethod(graph, predictMethodOf(facts)), facts };
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
  let part: SourceRoot = { root: undefined, problem: null, facts: noFacts, findings: [] };
  try {
    part = readSourceRoot(source);
    if (part.problem !== null) return { ...part, graph: null };
    const graph = readEstimator(part.root ?? null, { name: source.name });
    return { ...part, graph: withDefaultMethod(graph, predictMethodOf(part.facts)) };
  } catch (cause) {
    if (!isTrimaranError(cause)) throw cause;
    return { ...part, graph: null, problem: cause };
  }
}

interface SourceRoot {
  readonly root: PyValue | undefined;
  readonly problem: TrimaranError | null;
  readonly facts: ModelFacts;
  readonly findings: readonly Finding[];
}

function readSourceRoot(source: ModelSource): SourceRoot {
  if (source.kind === "file") return readFile(source.bytes, source.name);
  const description = source.files.get("MLmodel");
  if (description === undefined) throw trimaranError("FORMAT_FOLDER", { name: source.name });
  const mlmodel: MLmodel = readMLmodel(description, source.name);
  const { flavor, settings } = flavorOf(mlmodel, source.name);
  const member = memberPath(settings[flavor.fileKey], { name: source.name, key: `${flavor.name}.${flavor.fileKey}` });
  const bytes = source.files.get(member);
  if (bytes === undefined) {
    const problem = `it names the file ${member}, which is not there`;
    throw trimaranError("MLMODEL_INVALID", { name: source.name, problem });
  }
  const part = readFile(bytes, `${source.name}/${member}`);
  return { ...part, facts: { ...part.facts, format: `mlflow/${part.facts.format}`, mlmodel } };
}

function readFile(bytes: Uint8Array, name: string): SourceRoot {
  assertKnownFormat(bytes, name);
  return readPickledModel(bytes, name);
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

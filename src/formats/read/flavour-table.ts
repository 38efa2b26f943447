// Every format of a model file, in the order in which it is tried: what its first bytes say, and who reads it.
import type { TrimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import { boosterMethods, lightgbmInput, lightgbmModel, lightgbmScores } from "../boosters/lightgbm.ts";
import { isLightgbmText, readLightgbmText } from "../boosters/lightgbm-text.ts";
import { sniffXgboost } from "../boosters/xgboost-file.ts";
import { readXgboostModel } from "../boosters/xgboost-model.ts";
import { isGraphFile, readGraphFile, withInputs } from "../graph/graph-file.ts";
import { type OnnxSource, readOnnx } from "../onnx/read-onnx.ts";
import { looksLikeOnnx } from "../onnx/read-signature.ts";
import type { PyValue } from "../pickle/tree.ts";
import type { Finding } from "../pickle/untrusted.ts";
import { assertKnownFormat } from "./known-formats.ts";
import type { PickedPart } from "./members.ts";
import { type ModelFacts, noFacts } from "./model-facts.ts";
import { readPickledModel } from "./pickled-model.ts";
import type { ReadOptions } from "./read-options.ts";

/** A model that is no Python object: it answers rows, alone or after a step that transforms them. */
export interface StandaloneModel {
  readonly input: ModelInput;
  /** @default `predict` where it has one, else its first method */
  readonly defaultMethod?: string;
  /** Adds the ops of its methods. */
  toOps(graph: GraphBuilder, input: ValueId): Readonly<Record<string, GraphOutput>>;
}

export type FileContent =
  /** `parts`: those of its root that make the model, where they were named. */
  | { readonly kind: "objects"; readonly root: PyValue; readonly parts?: readonly PickedPart[] }
  | { readonly kind: "standalone"; readonly model: StandaloneModel }
  /** Whole by itself, and computed by a runtime that the host brings. */
  | { readonly kind: "onnx"; readonly onnx: OnnxSource };

export interface FileReading {
  /** Null when there is a problem. */
  readonly content: FileContent | null;
  readonly problem: TrimaranError | null;
  readonly facts: ModelFacts;
  /** What an audit of Python objects found. */
  readonly findings: readonly Finding[];
}

export interface Flavour {
  /** In words, for errors and documents. */
  readonly name: string;
  /** Looks at the first bytes only. */
  recognizes(bytes: Uint8Array): boolean;
  /** May throw a typed error; what an audit found is told by a reading with a problem. */
  read(bytes: Uint8Array, name: string, options: ReadOptions): FileReading;
}

/** Python objects come last: a pickle of protocol 0 may begin with nearly any letter. */
export const flavourTable: readonly Flavour[] = [
  { name: "Trimaran's own (`model.trimaran`)", recognizes: isGraphFile, read: readOwn },
  { name: "ONNX", recognizes: looksLikeOnnx, read: readOnnxFile },
  { name: "XGBoost (JSON, UBJSON, binary)", recognizes: (bytes) => sniffXgboost(bytes) !== null, read: readXgboost },
  { name: "LightGBM (text)", recognizes: isLightgbmText, read: readLightgbm },
  { name: "pickle, joblib or skops", recognizes: () => true, read: readPythonObjects },
];

/** @throws FORMAT_*, PICKLE_*, MODEL_* */
export function readFile(bytes: Uint8Array, name: string, options: ReadOptions): FileReading {
  const flavour = flavourTable.find((each) => each.recognizes(bytes));
  return (flavour?.read ?? readPythonObjects)(bytes, name, options);
}

function readOwn(bytes: Uint8Array, name: string, options: ReadOptions): FileReading {
  const { model, versions } = readGraphFile(bytes, name);
  if (model.kind === "onnx") {
    const reading = readOnnxFile(model.bytes, name, options);
    return { ...reading, facts: { ...reading.facts, format: "trimaran+onnx" } };
  }
  const { graph } = model;
  const toOps: StandaloneModel["toOps"] = (builder, input) => {
    const values = [input];
    const renumber = (value: ValueId): ValueId => values[value] ?? -1;
    for (const op of graph.ops) values.push(builder.add(withInputs(op, renumber)));
    const outputs = Object.entries(graph.outputs).map(([method, output]) => {
      return [method, { ...output, value: renumber(output.value) }] as const;
    });
    return Object.fromEntries(outputs);
  };
  const { input, defaultMethod } = graph;
  const facts: ModelFacts = { ...noFacts, format: "trimaran", versions };
  return {
    content: { kind: "standalone", model: { input, defaultMethod, toOps } },
    problem: null,
    facts,
    findings: [],
  };
}

function readXgboost(bytes: Uint8Array, name: string): FileReading {
  const model = readXgboostModel(bytes, name);
  const facts = { ...noFacts, format: model.container, versions: { XGBoost: [model.version] }, notes: model.notes };
  return { content: { kind: "standalone", model }, problem: null, facts, findings: [] };
}

function readOnnxFile(bytes: Uint8Array, name: string, { limits }: ReadOptions): FileReading {
  const onnx = readOnnx(bytes, name, limits);
  const { producer, producerVersion, opsets } = onnx.signature;
  const versions = producer === "" ? {} : { [producer]: producerVersion === "" ? [] : [producerVersion] };
  const sets = [...opsets].map(([domain, version]) => `${domain === "" ? "ai.onnx" : domain} ${version}`);
  const notes = [`operator sets: ${sets.join(", ")}`, ...onnx.notes];
  const facts: ModelFacts = { ...noFacts, format: "onnx", versions, notes };
  return { content: { kind: "onnx", onnx }, problem: null, facts, findings: [] };
}

function readLightgbm(bytes: Uint8Array, name: string): FileReading {
  const model = lightgbmModel(readLightgbmText(bytes, name));
  const toOps: StandaloneModel["toOps"] = (graph, input) =>
    boosterMethods(lightgbmScores(model, { graph, input, options: { name } }));
  const facts = { ...noFacts, format: `lightgbm-${model.version}`, versions: {} };
  return {
    content: { kind: "standalone", model: { input: lightgbmInput(model), toOps } },
    problem: null,
    facts,
    findings: [],
  };
}

function readPythonObjects(bytes: Uint8Array, name: string, options: ReadOptions): FileReading {
  assertKnownFormat(bytes, name);
  const { root, problem, facts, findings } = readPickledModel(bytes, name, options);
  return { content: problem === null ? { kind: "objects", root: root ?? null } : null, problem, facts, findings };
}

// What `inspect` tells of a model, as data; `model-report-text.ts` shows it to people. Everything in it was written by the file's
// author.
import { basename } from "node:path";
import { isTrimaranError, type TrimaranError } from "../base/errors.ts";
import type { ModelInput, RowItems } from "../data/model-input.ts";
import { onnxMethods } from "../formats/onnx/onnx-output.ts";
import type { OnnxSource } from "../formats/onnx/read-onnx.ts";
import type { Member } from "../formats/read/members.ts";
import { type ModelFacts, noFacts } from "../formats/read/model-facts.ts";
import { type Inspection, inspectSource } from "../formats/read/read-model.ts";
import { type LoadModelOptions, readMembers } from "../loaders/load-model.ts";
import type { ReadSource } from "../loaders/read-source.ts";
import { isRemoteUri } from "../loaders/remote/remote-uri.ts";
import { splitMembers } from "../loaders/split-members.ts";
import type { MLmodel } from "../mlflow/mlmodel.ts";
import { describeField, type Signature } from "../mlflow/signature.ts";
import { describeGraph } from "../model/describe.ts";
import { type ModelGraph, valueTypes } from "../model/graph.ts";
import { describeType } from "../model/value.ts";

export interface ModelReport {
  readonly name: string;
  /** false: the file is refused, and `error` says why. */
  readonly ok: boolean;
  readonly format: string | null;
  readonly protocol: number | null;
  readonly bytes: number | null;
  readonly digest: string | null;
  readonly versions: Readonly<Record<string, readonly string[]>>;
  readonly classes: readonly string[];
  readonly mlflow: MlflowReport | null;
  /** The parts of a file that holds several; `--member` names those that make the model. */
  readonly members: readonly Member[];
  readonly input: InputReport | null;
  readonly methods: readonly MethodReport[];
  readonly operations: readonly string[];
  readonly notes: readonly string[];
  readonly findings: Inspection["findings"];
}

export interface MlflowReport {
  readonly version: string | null;
  readonly runId: string | null;
  readonly modelId: string | null;
  readonly flavors: readonly string[];
  /** As lines: `age: long`. Null where the MLmodel has none. */
  readonly signature: SignatureReport | null;
  /** A few rows that were logged with the model. */
  readonly example: readonly unknown[];
}

export interface SignatureReport {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly params: readonly string[];
}

export type InputReport =
  | { readonly kind: "records"; readonly features: readonly FeatureReport[]; readonly items?: RowItems }
  | {
      readonly kind: "matrix" | "table";
      readonly named: boolean;
      readonly columns: readonly ColumnReport[];
      readonly anyWidth?: true;
    };

export interface FeatureReport {
  readonly name: string;
  readonly numeric: boolean;
  readonly categories: { readonly count: number; readonly first: readonly string[] };
}

export interface ColumnReport {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export interface MethodReport {
  readonly name: string;
  readonly isDefault: boolean;
  /** `dense f64[1]` */
  readonly answers: string;
}

export interface InspectedModel {
  readonly report: ModelReport;
  readonly graph: ModelGraph | null;
  /** Of a model that is no graph of ours: what it takes, and the method that it answers unasked. */
  readonly outline: ModelOutline | null;
  readonly problem: TrimaranError | null;
}

export interface ModelOutline {
  readonly input: ModelInput;
  readonly method: string;
  /** The answer as the file tells it; a server tells nothing. */
  readonly answer: { readonly type: string | null; readonly dims: readonly (number | null)[] | null } | null;
}

/** Never throws for what is in the file. @throws what is not our affair, such as running out of memory */
export async function inspectModel(path: string, options: LoadModelOptions = {}): Promise<InspectedModel> {
  if (isRemoteUri(path)) return inspectRemote(path);
  let source: ReadSource | null = null;
  let inspection: Inspection;
  try {
    source = await readMembers(path, options);
    inspection = inspectSource(source.source, options);
  } catch (cause) {
    if (!isTrimaranError(cause)) throw cause;
    inspection = { graph: null, facts: noFacts, findings: [], problem: cause };
  }
  const { graph, onnx, facts, findings, problem } = inspection;
  const report: ModelReport = {
    name: basename(splitMembers(path).uri.replace(/[/\\]+$/, "")) || path,
    ok: problem === null,
    format: facts.format,
    protocol: facts.protocol,
    bytes: source?.bytes ?? null,
    digest: source?.digest ?? null,
    versions: facts.versions,
    classes: facts.classes,
    mlflow: facts.mlmodel === null ? null : mlflowReport(facts.mlmodel, facts),
    members: facts.members,
    input: graph === null ? (onnx === undefined ? null : inputReport(onnx.input)) : inputReport(graph.input),
    methods: graph === null ? onnxMethodReports(onnx) : methodReports(graph),
    operations: graph === null ? (onnx?.operations ?? []) : describeGraph(graph).operations,
    notes: facts.notes,
    findings,
  };
  return { report, graph, outline: onnx === undefined ? null : onnxOutline(onnx), problem };
}

function onnxOutline({ input, signature }: OnnxSource): ModelOutline | null {
  const [first] = onnxMethods(signature).methods;
  const answer = signature.outputs.find(({ name }) => name === first?.output) ?? null;
  return first === undefined ? null : { input, method: first.method, answer };
}

async function inspectRemote(uri: string): Promise<InspectedModel> {
  const { askRemote } = await import("./remote-report.ts");
  const { facts, digest, input, methods, operations, problem } = await askRemote(uri);
  const report: ModelReport = {
    name: uri,
    ok: problem === null,
    format: facts.format,
    protocol: null,
    bytes: null,
    digest,
    versions: {},
    classes: [],
    mlflow: null,
    members: [],
    input: input === null ? null : inputReport(input),
    methods: methods.map((name, index) => ({ name, isDefault: index === 0, answers: "as its server gives it" })),
    operations,
    notes: facts.notes,
    findings: [],
  };
  // An address that cannot be used may hold a password.
  const [method] = methods;
  const outline = input === null || method === undefined ? null : { input, method, answer: null };
  return { report: problem === null ? report : { ...report, name: "remote model" }, graph: null, outline, problem };
}

function mlflowReport(mlmodel: MLmodel, { signature, example }: ModelFacts): MlflowReport {
  return {
    version: mlmodel.mlflowVersion,
    runId: mlmodel.runId,
    modelId: mlmodel.modelId,
    flavors: [...mlmodel.flavors.keys()],
    signature: signature === null ? null : signatureReport(signature),
    example,
  };
}

function signatureReport({ inputs, outputs, params }: Signature): SignatureReport | null {
  if (inputs === null && outputs === null && params === null) return null;
  return {
    inputs: (inputs ?? []).map(describeField),
    outputs: (outputs ?? []).map(describeField),
    params: (params ?? []).map(({ name, type }) => `${name}: ${type}`),
  };
}

/** Thousands of categories are counted; these many are shown. */
const shownCategories = 5;

function inputReport(input: ModelInput): InputReport {
  if (input.kind !== "records") {
    const open = input.kind === "matrix" && input.anyWidth === true ? { anyWidth: true as const } : {};
    return { kind: input.kind, named: input.named, columns: input.columns, ...open };
  }
  const features = input.features.map(({ name, numeric, categories }) => ({
    name,
    numeric,
    categories: { count: categories.length, first: categories.slice(0, shownCategories) },
  }));
  return { kind: "records", features, ...(input.items === undefined ? {} : { items: input.items }) };
}

function onnxMethodReports(onnx: OnnxSource | undefined): readonly MethodReport[] {
  return (onnx?.methods ?? []).map((name, index) => ({
    name,
    isDefault: index === 0,
    answers: "as ONNX Runtime gives it",
  }));
}

function methodReports(graph: ModelGraph): readonly MethodReport[] {
  const types = valueTypes(graph);
  return Object.entries(graph.outputs).map(([name, { value, scalar }]) => {
    const type = types[value];
    const width = type === undefined ? "" : describeType(type);
    return { name, isDefault: name === graph.defaultMethod, answers: scalar ? width.replace(/\[1\]$/, "") : width };
  });
}

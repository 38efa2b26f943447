// The root of a file → graph: a fitted estimator, or a bare tuple (vectorizer, model), which is a pipeline.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { GraphOutput, ModelGraph } from "../../model/graph.ts";
import { type GraphBuilder, graphBuilder } from "../../model/graph-builder.ts";
import type { MethodName } from "../../model/predictor.ts";
import type { ValueId } from "../../model/value.ts";
import { describeValue, isNode, type PyValue } from "../pickle/tree.ts";
import type { EstimatorRecord, Methods, OpenedEstimator, Opener } from "./estimator.ts";
import { estimatorTable, splitClassName } from "./estimator-table.ts";
import { chainInput, chainOps, type Step } from "./estimators/pipeline.ts";
import { has, type Instance, instanceOf } from "./instance.ts";
import { nearestEstimator } from "./nearest.ts";

/** Nested deeper than any pipeline that people write; a pipeline that holds itself ends here. */
const maxEstimatorDepth = 64;

export interface ReadEstimatorOptions {
  /** The file's name, for errors. */
  readonly name: string;
  /** Where the root stands in its file, or the items of a bare tuple that is put together of parts. @default the root itself */
  readonly paths?: readonly string[];
  /** Records of classes that a definition describes; they come before our own. */
  readonly records?: readonly EstimatorRecord[];
  /** Names or types the columns that were found, where more is known of them (an MLflow signature). @default as found */
  readonly refineInput?: (found: ModelInput) => ModelInput;
  /** A model of another format that answers what the root transforms. */
  readonly last?: { toOps(graph: GraphBuilder, input: ValueId): Readonly<Record<string, GraphOutput>> };
}

/** @throws MODEL_NOT_A_MODEL, MODEL_UNSUPPORTED, MODEL_UNFITTED, MODEL_ATTRIBUTE, MODEL_TREE */
export function readEstimator(root: PyValue, options: ReadEstimatorOptions): ModelGraph {
  const steps = rootSteps(root, options.paths ?? []);
  const findRecord = recordFinder(options.records ?? []);
  if (!steps.some((step) => looksLikeEstimator(step.value, findRecord))) {
    throw trimaranError("MODEL_NOT_A_MODEL", { name: options.name, what: describeValue(root) });
  }
  const opener = estimatorOpener(findRecord);
  const next = options.last === undefined ? undefined : () => someNumbers;
  const found = chainInput(steps, { opener, owner: null, next });
  const graph = graphBuilder(options.refineInput?.(found) ?? found);
  const own = chainOps(steps, graph.input, { context: { ...opener, graph }, owner: null });
  if (options.last !== undefined && own.transform === undefined) {
    throw trimaranError("MODEL_NOT_A_MODEL", { name: options.name, what: "a complete model before the last step" });
  }
  const methods: Methods =
    options.last === undefined ? own : options.last.toOps(graph, own.transform?.value ?? graph.input);
  return graph.finish(methods as Required<Methods>, defaultMethod(methods, options.name));
}

/** A model of another format takes numbers; how many is its own affair. */
const someNumbers: ModelInput = { kind: "matrix", named: false, columns: [] };

/** A tuple's or a list's members are steps; anything else is the only step. */
function rootSteps(root: PyValue, paths: readonly string[]): readonly Step[] {
  const [first = ""] = paths;
  if (isNode(root) && (root.kind === "tuple" || root.kind === "list") && root.items.length > 0) {
    const pathOf = (index: number): string => (paths.length > 1 ? paths[index] : undefined) ?? `${first}[${index}]`;
    return root.items.map((value, index) => ({ path: pathOf(index), value }));
  }
  return [{ path: first, value: root }];
}

function looksLikeEstimator(value: PyValue, findRecord: RecordFinder): boolean {
  if (!isNode(value) || value.kind !== "object") return false;
  return findRecord(`${value.callee.module}.${value.callee.name}`) !== undefined;
}

function defaultMethod(methods: Methods, name: string): MethodName {
  const order: readonly MethodName[] = ["predict", "transform", "decision_function", "score_samples", "predict_proba"];
  const method = order.find((each) => methods[each] !== undefined);
  if (method === undefined) throw trimaranError("MODEL_NOT_A_MODEL", { name, what: "an estimator without methods" });
  return method;
}

function estimatorOpener(findRecord: RecordFinder): Opener {
  let depth = 0;
  return {
    open(value, path, owner): OpenedEstimator {
      const self = instanceOf(value, path, owner);
      if (self === undefined) throw unsupported(path, describeValue(value), "");
      const { name } = splitClassName(self.className);
      const record = findRecord(self.className);
      if (record === undefined) throw unsupported(path, self.className, nearestEstimator(name, estimatorTable));
      if (path.split(".").length > maxEstimatorDepth || ++depth > maxOpened) {
        throw unsupported(path, "an estimator that holds itself, or more nesting than any model needs", "");
      }
      assertFitted(self, record);
      return { instance: self, record };
    },
  };
}

/** Objects opened in one file; a forest of 100,000 trees is still read. */
const maxOpened = 1_000_000;

export type RecordFinder = (className: string) => EstimatorRecord | undefined;

/** Finds the record of a class, `records` first. */
export function recordFinder(records: readonly EstimatorRecord[]): RecordFinder {
  const own = byClass(records);
  return (className) => own.get(className) ?? recordsByClass.get(className);
}

function byClass(records: readonly EstimatorRecord[]): ReadonlyMap<string, EstimatorRecord> {
  return new Map(records.flatMap((record) => record.classes.map((className) => [className, record] as const)));
}

const recordsByClass: ReadonlyMap<string, EstimatorRecord> = byClass(estimatorTable);

function assertFitted(self: Instance, record: EstimatorRecord): void {
  for (const attribute of record.fitted) {
    if (has(self, attribute)) continue;
    const path = self.path === "" ? record.name : self.path;
    throw trimaranError("MODEL_UNFITTED", { path, estimator: record.name, attribute });
  }
}

function unsupported(path: string, what: string, nearest: string): Error {
  const at = path === "" ? "the root" : path;
  return trimaranError("MODEL_UNSUPPORTED", {
    path: at,
    what,
    nearest: nearest === "" ? "" : ` (near it: ${nearest})`,
  });
}

// What takes long before a graph can be compiled: checking it and packing its forests. Done once, on whichever thread, the
// result is plain data that many threads compile from; the packed forests lie in memory that they share.
import { type ModelGraph, valueTypes } from "../model/graph.ts";
import type { ForestOp } from "../model/ops/forest.ts";
import type { SyncPredictor } from "../model/predictor.ts";
import type { ValueId, ValueType } from "../model/value.ts";
import { compileTyped } from "./compile.ts";
import { type ForestSource, forestOpener } from "./fast/forest.ts";
import { type PlacedForest, placeForest } from "./kernels/placed-forest.ts";
import { planSteps } from "./plan.ts";

export interface PreparedGraph {
  readonly graph: ModelGraph;
  readonly types: readonly ValueType[];
  /** By the value that a forest makes. */
  readonly forests: ReadonlyMap<ValueId, PlacedForest>;
}

/** @throws MODEL_GRAPH when the graph is not sound */
export function prepareGraph(graph: ModelGraph): PreparedGraph {
  const types = valueTypes(graph);
  const forests = new Map<ValueId, PlacedForest>();
  const openForest = forestOpener((op, input) => {
    const placed = placeForest(op, input);
    const at = graph.ops.indexOf(op);
    if (placed !== null && at >= 0) forests.set(at + 1, placed);
    return placed;
  });
  for (const method of Object.keys(graph.outputs)) planSteps({ graph, types, methods: [method], openForest });
  return { graph, types, forests };
}

/**
 * The same answers as `compileGraph` of the graph. Each predictor that is in use at the same time has a `thread` of its own,
 * counted from 0.
 */
export function compilePrepared({ graph, types, forests }: PreparedGraph, thread: number = 0): SyncPredictor {
  const prepared = new Map<ForestOp, PlacedForest>();
  for (const [value, placed] of forests) {
    const op = graph.ops[value - 1];
    if (op?.kind === "forest") prepared.set(op, placed);
  }
  const source: ForestSource = (op, input) => prepared.get(op) ?? placeForest(op, input);
  return compileTyped({ graph, types, openForest: forestOpener(source, thread) });
}

/** Without the nodes of forests that are packed: all that another thread needs. */
export function withoutNodes({ graph, types, forests }: PreparedGraph): PreparedGraph {
  const none = { threshold: new Float64Array(0), leaves: new Float64Array(0), missingLeft: null, cover: null };
  const ops = graph.ops.map((op, at) => {
    if (op.kind !== "forest" || !forests.has(at + 1)) return op;
    const empty = new Int32Array(0);
    return { ...op, ...none, roots: empty, feature: empty, left: empty, right: empty, targets: null };
  });
  return { graph: { ...graph, ops }, types, forests };
}

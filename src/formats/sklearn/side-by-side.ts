// How the results of several transformers become one: weighted, then side by side, sparse or dense.
// Source: _hstack in sklearn/compose/_column_transformer.py, FeatureUnion in sklearn/pipeline.py.
import { trimaranError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import { dictGet, isNode } from "../pickle/tree.ts";
import { summedEntries } from "./dense-matrix.ts";
import { attribute, attributeError, type Instance, scalarOf, wrote } from "./instance.ts";
import { joined } from "./missing-flags.ts";
import { step } from "./probabilities.ts";

/** `transformer_weights[name]`, or null. */
export function memberWeight(self: Instance, name: string): number | null {
  const weights = attribute(self, "transformer_weights");
  if (weights === undefined || weights === null) return null;
  if (!isNode(weights) || weights.kind !== "dict")
    throw attributeError(self, "transformer_weights", "a dict was expected");
  const weight = scalarOf(dictGet(weights, name) ?? null);
  if (weight === null || typeof weight === "number") return weight;
  throw attributeError(self, "transformer_weights", "numbers were expected");
}

interface WeightOptions {
  readonly graph: GraphBuilder;
  readonly path: string;
}

export function weighted(value: ValueId, weight: number | null, { graph, path }: WeightOptions): ValueId {
  if (weight === null) return value;
  const type = graph.typeOf(value);
  if (type.kind !== "dense" && type.kind !== "sparse") {
    throw trimaranError("MODEL_UNSUPPORTED", { path, what: "a weight of text columns", nearest: "" });
  }
  const number = type.number === "f32" ? "f32" : "f64";
  return graph.add({ kind: "columnwise", inputs: [value], steps: [step("multiply", weight)], number });
}

interface SideBySideOptions {
  readonly graph: GraphBuilder;
  readonly sparse: boolean;
}

/** @throws MODEL_UNSUPPORTED when there is nothing to put together */
export function sideBySide(self: Instance, parts: readonly ValueId[], { graph, sparse }: SideBySideOptions): ValueId {
  if (parts.length === 0) {
    throw trimaranError("MODEL_UNSUPPORTED", {
      path: self.path === "" ? "the root" : self.path,
      what: "a transformer that drops every column",
      nearest: "",
    });
  }
  return joined(
    parts.map((part) => (sparse ? sparsePart(self, part, graph) : densePart(part, graph))),
    graph,
  );
}

/** The scipy of 0.24 and before put sparse matrices side by side through coordinates, which adds up what stands twice. */
function sparsePart(self: Instance, value: ValueId, graph: GraphBuilder): ValueId {
  const { kind } = graph.typeOf(value);
  if (kind === "sparse") return wrote(self, 1, 0) ? value : summedEntries(graph, value);
  const numbers = kind === "table" ? graph.add({ kind: "table_numbers", inputs: [value] }) : value;
  return graph.add({ kind: "sparsify", inputs: [numbers] });
}

function densePart(value: ValueId, graph: GraphBuilder): ValueId {
  const isSparse = graph.typeOf(value).kind === "sparse";
  return isSparse ? graph.add({ kind: "densify", inputs: [value], repeated: "sum" }) : value;
}

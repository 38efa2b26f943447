// How transformers look at numbers before they touch them: NaN and infinities are refused, or let pass.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { NumericType, ValueId, ValueType } from "../../model/value.ts";
import type { NextInput } from "./estimator.ts";
import { attributeError, has, type Instance, numberOf } from "./instance.ts";
import { featureCount, numericInput } from "./numeric-input.ts";
import { shortName } from "./tree-rules.ts";

/** The value itself; rows with what the object refuses are refused. Infinities always are. */
export function checkedNumbers(
  self: Instance,
  input: ValueId,
  { graph, allowNaN }: { readonly graph: GraphBuilder; readonly allowNaN: boolean },
): ValueId {
  return graph.add({
    kind: "require_finite",
    inputs: [input],
    allowNaN,
    allowInfinite: false,
    estimator: shortName(self),
  });
}

/** The type of a value that holds numbers. @throws MODEL_UNSUPPORTED for anything else */
export function numbersType(self: Instance, value: ValueId, graph: GraphBuilder): NumericType {
  const type = graph.typeOf(value);
  if (type.kind === "dense" || type.kind === "sparse") return type;
  throw trimaranError("MODEL_UNSUPPORTED", {
    path: self.path === "" ? "the root" : self.path,
    what: `${shortName(self)} of ${type.kind}`,
    nearest: "",
  });
}

/** The number that columns are compared with. One below zero would fill a sparse row, which the library refuses. */
export function threshold(self: Instance, name: string, type: ValueType): number {
  const value = numberOf(self, name, 0);
  if (type.kind !== "sparse" || value >= 0) return value;
  throw attributeError(self, name, "it must not be negative for sparse input");
}

/** Dense numbers; a sparse value is filled up. */
export function denseNumbers(self: Instance, value: ValueId, graph: GraphBuilder): ValueId {
  const type = numbersType(self, value, graph);
  return type.kind === "sparse" ? graph.add({ kind: "densify", inputs: [value], repeated: "sum" }) : value;
}

/** The input of an object that keeps its columns and may not know them: then they are those of the step behind it. */
export function passedInput(self: Instance, next: NextInput | undefined, nullable = false): ModelInput {
  if (["n_features_in_", "n_features_", "_n_features"].some((name) => has(self, name))) {
    return numericInput(self, { width: featureCount(self), nullable });
  }
  const behind = next?.() ?? null;
  if (behind !== null) {
    const isOpen = behind.kind === "matrix" && behind.anyWidth === true;
    if (behind.kind === "records" || behind.columns.length > 0 || isOpen) return behind;
  }
  // A file that holds nothing but such objects takes a matrix of any width.
  if (behind === null && chained.test(self.path)) return anyWidth;
  throw trimaranError("MODEL_UNSUPPORTED", {
    path: self.path,
    what: `${shortName(self)} alone, which does not know how many columns it takes`,
    nearest: "",
  });
}

/** The root itself, or a step of a pipeline that is. */
const chained = /^(\[\d+\])?(\.?steps\[\d+\])*$/;

const anyWidth: ModelInput = { kind: "matrix", named: false, columns: [], anyWidth: true };

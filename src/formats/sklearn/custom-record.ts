// The record of a class that a definition describes with `defineEstimator`: the same interface as our own records, behind
// guards, because what it calls is the user's code.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { InputColumn, InputType, ModelInput } from "../../data/model-input.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphOutput } from "../../model/graph.ts";
import { type MethodName, methodNames } from "../../model/predictor.ts";
import type { NumberType, ValueId, ValueType } from "../../model/value.ts";
import { isNode, type PyValue } from "../pickle/tree.ts";
import { applyEstimator } from "./apply-estimator.ts";
import type { ComputedValue, CustomEstimator } from "./define-estimator.ts";
import type { BuildContext, EstimatorRecord, Methods } from "./estimator.ts";
import { attributeView, type EstimatorMethods, type EstimatorView, type GraphValue } from "./estimator-view.ts";
import { attribute, has, type Instance, itemsOf, pathOf } from "./instance.ts";
import { numericInput } from "./numeric-input.ts";

export function customRecord({ options }: CustomEstimator): EstimatorRecord {
  const { classes, fitted, input, toOp } = options;
  const name = classes[0]?.split(".").at(-1) ?? "";
  return {
    name,
    classes,
    fitted: fitted ?? [],
    exactness: "loose",
    note: "as its definition says",
    takesTables: true,
    input(self, _opener, next): ModelInput {
      if (input === undefined) return ownColumns(self) ?? next?.() ?? numericInput(self);
      return columnsInput(
        self,
        guard(self, "input", () => input(attributeView(self))),
      );
    },
    toOps(self, value, context): Methods {
      const values = new GraphValues(self, context);
      const methods: unknown = guard(self, "toOp", () =>
        toOp(viewOf(self, values), values.of({ value, scalar: false })),
      );
      if (typeof methods !== "object" || methods === null) throw failed(self, "toOp", "it gave no methods");
      const made: Partial<Record<MethodName, GraphOutput>> = {};
      for (const [method, what] of Object.entries(methods)) {
        const known = methodNames.find((each) => each === method);
        if (known === undefined) throw failed(self, "toOp", `there is no method ${method}`);
        if (what !== undefined) made[known] = values.output(what, value);
      }
      if (Object.keys(made).length === 0) throw failed(self, "toOp", "it gave no methods");
      return made;
    },
  };
}

function viewOf(self: Instance, values: GraphValues): EstimatorView {
  const apply = (value: PyValue | undefined, path: string, input: GraphValue): EstimatorMethods =>
    values.apply(value, path, input);
  return Object.freeze({
    ...attributeView(self),
    estimator: (name: string, input: GraphValue) => apply(attribute(self, name), pathOf(self, name), input),
    estimators: (name: string, input: GraphValue) =>
      itemsOf(self, name).map((item, index) => apply(unnamed(item), `${pathOf(self, name)}[${index}]`, input)),
  });
}

/** A (name, estimator) pair, or the estimator itself. */
function unnamed(item: PyValue): PyValue | undefined {
  return isNode(item) && item.kind === "tuple" && item.items.length === 2 ? item.items[1] : item;
}

/** The values that one object's `toOp` was given; a value of any other origin is refused. */
class GraphValues {
  readonly #known: WeakMap<object, GraphOutput> = new WeakMap();
  readonly #self: Instance;
  readonly #context: BuildContext;

  constructor(self: Instance, context: BuildContext) {
    this.#self = self;
    this.#context = context;
  }

  of(output: GraphOutput): GraphValue {
    const value = Object.freeze(shapeOf(this.#context.graph.typeOf(output.value)));
    this.#known.set(value, output);
    return value;
  }

  apply(value: PyValue | undefined, path: string, input: GraphValue): EstimatorMethods {
    const opened = this.#context.open(value, path, this.#self);
    const methods = applyEstimator(opened, this.#idOf(input), this.#context);
    const entries = Object.entries(methods).map(([method, output]) => [method, this.of(output)] as const);
    return Object.freeze(Object.fromEntries(entries));
  }

  output(what: unknown, input: ValueId): GraphOutput {
    if (typeof what !== "object" || what === null) throw this.#failed("a method is neither a value nor computed");
    const known = this.#known.get(what);
    if (known !== undefined) return known;
    const { from, compute, width, number, names, labels } = what as ComputedValue;
    if (typeof compute !== "function") throw this.#failed("a method has no `compute`");
    const { graph } = this.#context;
    if (number !== undefined && !numberTypes.includes(number)) throw this.#failed("a method has an unknown `number`");
    const value = graph.add({
      kind: "custom",
      inputs: [this.#readable(from === undefined ? input : this.#idOf(from))],
      className: this.#self.className,
      path: this.#self.path === "" ? "the root" : this.#self.path,
      width: width ?? 1,
      number: labels === undefined ? (number ?? "f64") : "i64",
      names: names === undefined ? null : [...names],
      positions: labels === undefined ? null : labels.length,
      compute,
    });
    const scalar = width === undefined;
    if (labels === undefined) return { value, scalar };
    const columns = Array.from({ length: width ?? 1 }, () => labels.map(toLabel));
    return { value: graph.add({ kind: "label", inputs: [value], rule: "index", labels: columns }), scalar };
  }

  #idOf(value: GraphValue): ValueId {
    const known = typeof value === "object" && value !== null ? this.#known.get(value) : undefined;
    if (known === undefined) throw this.#failed("a value was used that is not of this model");
    return known.value;
  }

  /** A user's function is given rows as they are, never compressed ones. */
  #readable(id: ValueId): ValueId {
    const { graph } = this.#context;
    return graph.typeOf(id).kind === "sparse" ? graph.add({ kind: "densify", inputs: [id], repeated: "sum" }) : id;
  }

  #failed(problem: string): TrimaranError {
    return failed(this.#self, "toOp", problem);
  }
}

function shapeOf(type: ValueType): { width: number | null; names: readonly string[] | null } {
  switch (type.kind) {
    case "records":
      return { width: null, names: null };
    case "table":
      return { width: type.columns.length, names: type.columns.map(({ name }) => name) };
    case "label":
      return { width: type.labels.length, names: null };
    default:
      return { width: type.width, names: type.names };
  }
}

const numberTypes: readonly NumberType[] = ["f64", "f32", "i64", "bool"];
const inputTypes: readonly InputType[] = ["number", "integer", "string", "boolean", "any"];

/** What `fit` stored of its columns; null where it stored nothing. */
function ownColumns(self: Instance): ModelInput | null {
  return has(self, "n_features_in_") ? numericInput(self, { nullable: true }) : null;
}

function columnsInput(self: Instance, given: unknown): ModelInput {
  if (!Array.isArray(given)) throw failed(self, "input", "it gave no list of columns");
  const columns = given.map((column: unknown): InputColumn => {
    const { name, type = "number", nullable = false } = asColumn(self, column);
    if (typeof name !== "string" || typeof nullable !== "boolean" || !inputTypes.some((each) => each === type)) {
      throw failed(self, "input", "a column needs a name, and may have `type` and `nullable`");
    }
    return { name, type: type as InputType, nullable };
  });
  if (new Set(columns.map(({ name }) => name)).size < columns.length) {
    throw failed(self, "input", "two columns have the same name");
  }
  const numeric = columns.every(({ type }) => type === "number" || type === "integer");
  return { kind: numeric ? "matrix" : "table", named: true, columns };
}

function asColumn(self: Instance, column: unknown): { name?: unknown; type?: unknown; nullable?: unknown } {
  if (typeof column === "string") return { name: column };
  if (typeof column === "object" && column !== null) return column;
  throw failed(self, "input", "a column is neither a name nor an object");
}

function toLabel(value: string | number | boolean): Label {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "boolean", value };
  return { type: Number.isInteger(value) ? "integer" : "float", value };
}

/** What our own accessors throw names the place already; anything else is the user's. */
function guard<Result>(self: Instance, part: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    if (isTrimaranError(cause)) throw cause;
    throw failed(self, part, describeThrown(cause), cause);
  }
}

function failed(self: Instance, part: string, problem: string, cause?: unknown): TrimaranError {
  const path = self.path === "" ? "the root" : self.path;
  return trimaranError("ESTIMATOR_FAILED", { path, class: self.className, problem, part }, { cause });
}

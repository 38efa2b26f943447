// FunctionTransformer: numpy's functions by their names, and no function at all. Everything else would have to run.
// Source: sklearn/preprocessing/_function_transformer.py.
import { trimaranError } from "../../../base/errors.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import { type MapFunction, mapFunctions } from "../../../model/ops/map.ts";
import type { ValueId } from "../../../model/value.ts";
import { describeValue, dictGet, isNode, type PyGlobal, type PyValue } from "../../pickle/tree.ts";
import { checkedNumbers, passedInput } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { attribute, booleanOf, has, type Instance, pathOf, scalarOf, wrote } from "../instance.ts";
import { step } from "../probabilities.ts";

const modules = ["sklearn.preprocessing._function_transformer", "sklearn.preprocessing.function_transformer"];
const classes: readonly string[] = modules.map((module) => `${module}.FunctionTransformer`);

export const functionTransformer: EstimatorRecord = {
  name: "FunctionTransformer",
  classes,
  fitted: [],
  exactness: "near",
  note: "numpy's element-wise functions, clip and nan_to_num by name; exact where they do not depend on libm",
  takesTables: true,
  input: (self, _opener, next) => passedInput(self, next),
  toOps(self, input, { graph }) {
    const checked = validates(self) && graph.typeOf(input).kind !== "table";
    const value = checked ? checkedNumbers(self, input, { graph, allowNaN: false }) : input;
    return { transform: { value: namedFunction(self, value, { graph, name: "func" }), scalar: false } };
  },
};

/** `validate`: None, the default of 0.20 and 0.21, still meant True. */
function validates(self: Instance): boolean {
  if (attribute(self, "validate") === null) return !wrote(self, 0, 22);
  return booleanOf(self, "validate", false);
}

/** Whether an object is a FunctionTransformer without a function, as passed columns are stored from 1.4 on. */
export function isIdentity(self: Instance | undefined): boolean {
  return self !== undefined && classes.includes(self.className) && !has(self, "func") && !validates(self);
}

export function isFunctionTransformer(self: Instance): boolean {
  return classes.includes(self.className);
}

interface NamedOptions {
  readonly graph: GraphBuilder;
  /** `func` or `inverse_func`; `func`'s keyword arguments stand in `kw_args`. */
  readonly name: "func" | "inverse_func";
}

/** Applies the function that the object names. @throws MODEL_UNSUPPORTED for one that is not numpy's own */
export function namedFunction(self: Instance, input: ValueId, { graph, name }: NamedOptions): ValueId {
  if (!has(self, name)) return input;
  const value = attribute(self, name);
  if (!isNumpyName(value)) throw functionError(self, name, describeValue(value));
  const type = graph.typeOf(input);
  if (type.kind === "sparse" || type.kind === "records") throw functionError(self, name, `a function of ${type.kind}`);
  const numbers = type.kind === "table" ? graph.add({ kind: "table_numbers", inputs: [input] }) : input;
  const options = attribute(self, name === "func" ? "kw_args" : "inv_kw_args");
  if (value.name === "clip") return clipped(self, numbers, { graph, options });
  if (isNode(options) && options.kind === "dict" && options.keys.length > 0) {
    throw functionError(self, name, `numpy.${value.name} with keyword arguments`);
  }
  if (value.name === "nan_to_num") return finiteNumbers(numbers, graph);
  if (value.name === "positive") return numbers;
  const known = mapFunction(value.name);
  if (known === undefined) throw functionError(self, name, `the function numpy.${value.name}`);
  return graph.add({ kind: "map", inputs: [numbers], function: known });
}

function isNumpyName(value: PyValue | undefined): value is PyGlobal {
  if (!isNode(value) || value.kind !== "global") return false;
  return value.module === "numpy" || value.module.startsWith("numpy.");
}

const otherNames: Readonly<Record<string, MapFunction>> = {
  absolute: "abs",
  fabs: "abs",
  radians: "deg2rad",
  degrees: "rad2deg",
};

/** Functions of ours that numpy has no name for. */
const notNumpy: readonly MapFunction[] = ["expit", "relu", "normal_quantile", "normal_probability"];

function mapFunction(name: string): MapFunction | undefined {
  if (Object.hasOwn(otherNames, name)) return otherNames[name];
  return mapFunctions.find((known) => known === name && !notNumpy.includes(known));
}

interface ClipOptions {
  readonly graph: GraphBuilder;
  readonly options: PyValue | undefined;
}

/** numpy.clip with the bounds a_min and a_max, or min and max as numpy 2 names them as well. */
function clipped(self: Instance, input: ValueId, { graph, options }: ClipOptions): ValueId {
  if (!isNode(options) || options.kind !== "dict") throw functionError(self, "kw_args", "numpy.clip without bounds");
  const bounds = ["a_min", "a_max", "min", "max"];
  const bound = (...names: readonly string[]): number | null => {
    const found = names.map((name) => scalarOf(dictGet(options, name) ?? null)).find((each) => each !== null) ?? null;
    if (found === null || typeof found === "number") return found;
    throw functionError(self, "kw_args", "bounds of numpy.clip that are no numbers");
  };
  if (options.keys.some((key) => typeof key !== "string" || !bounds.includes(key))) {
    throw functionError(self, "kw_args", "numpy.clip with other keyword arguments");
  }
  const [low, high] = [bound("a_min", "min"), bound("a_max", "max")];
  const steps = [...(low === null ? [] : [step("maximum", low)]), ...(high === null ? [] : [step("minimum", high)])];
  return graph.add({ kind: "columnwise", inputs: [input], steps, number: "f64" });
}

/** NaN becomes 0, an infinity the largest double. */
function finiteNumbers(input: ValueId, graph: GraphBuilder): ValueId {
  const type = graph.typeOf(input);
  const width = type.kind !== "dense" ? 0 : type.anyWidth === true ? 1 : type.width;
  const fills = Array.from({ length: width }, () => ({ type: "float", value: 0 }) as const);
  const filled = graph.add({ kind: "fill_missing", inputs: [input], missing: null, fills });
  const steps = [step("maximum", -Number.MAX_VALUE), step("minimum", Number.MAX_VALUE)];
  return graph.add({ kind: "columnwise", inputs: [filled], steps, number: "f64" });
}

function functionError(self: Instance, name: string, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, name), what, nearest: "" });
}

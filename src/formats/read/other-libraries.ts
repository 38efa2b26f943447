// Names that sound models of other libraries hold. They are refused like every name that is not allowed; this table only
// decides what the error says: "not supported" instead of "would have run code". It permits nothing.
import type { GlobalUse } from "../pickle/reading.ts";
import { isPythonModule } from "./python-modules.ts";

/** Modules of well-known libraries whose classes (CapWords names) are inert data in an ordinary model file. */
const libraryRoots: ReadonlyMap<string, string> = new Map([
  ["sklearn", "scikit-learn"],
  ["imblearn", "imbalanced-learn"],
  ["xgboost", "XGBoost"],
  ["lightgbm", "LightGBM"],
  ["catboost", "CatBoost"],
  ["pandas", "pandas"],
  ["torch", "PyTorch"],
  ["keras", "Keras"],
  ["tensorflow", "TensorFlow"],
  ["statsmodels", "statsmodels"],
  ["scipy", "SciPy"],
  ["category_encoders", "category_encoders"],
  ["sklearn_pandas", "sklearn-pandas"],
]);

/** Functions by which these libraries rebuild their own data. */
const rebuilders: ReadonlyMap<string, string> = new Map([
  ["torch._utils._rebuild_tensor", "PyTorch"],
  ["torch._utils._rebuild_tensor_v2", "PyTorch"],
  ["torch._utils._rebuild_parameter", "PyTorch"],
  ["torch.storage._load_from_bytes", "PyTorch"],
  ["pandas.core.indexes.base._new_Index", "pandas"],
  ["pandas._libs.internals._unpickle_block", "pandas"],
  ["pandas._libs.arrays.__pyx_unpickle_NDArrayBacked", "pandas"],
  ["sklearn.neighbors._kd_tree.newObj", "scikit-learn"],
  ["sklearn.neighbors._ball_tree.newObj", "scikit-learn"],
  ["sklearn.metrics._dist_metrics.newObj", "scikit-learn"],
]);

/** The library that a name belongs to, when nothing of it would have run that its own models do not hold. */
export function libraryOf(module: string, name: string): string | undefined {
  const rebuilt = rebuilders.get(`${module}.${name}`);
  if (rebuilt !== undefined) return rebuilt;
  const library = libraryRoots.get(module.split(".", 1)[0] ?? "");
  return library !== undefined && isClassName(name) ? library : undefined;
}

/** Whether a file only names it, and it is of a library that models hold: a metric or a scorer that an estimator remembers. */
export function isNamedOnly({ global, calls }: GlobalUse): boolean {
  return calls.length === 0 && libraryRoots.has(global.module.split(".", 1)[0] ?? "") && !global.name.includes(".");
}

/** A class has capital words; what begins small, or has dots, may be a function. */
function isClassName(name: string): boolean {
  return /^_?[A-Z][A-Za-z0-9_]*$/.test(name);
}

/** Ways to make an object of a class without calling the class: its state is put into it, nothing more. */
const inertCalls: ReadonlySet<string> = new Set(["NEWOBJ", "NEWOBJ_EX", "__newobj__", "_reconstructor", "ObjectNode"]);

/**
 * Whether all that a file does with a name is what an ordinary model does with a class of its own: name it, make an object of
 * it, set that object's attributes. Never said of Python's own modules, nor of what carries code inside of the file.
 */
export function isInertClass({ global, calls }: GlobalUse): boolean {
  if (!isClassName(global.name) || isPythonModule(global.module)) return false;
  if (/(^|\.)(cloudpickle|dill)(\.|$)/.test(global.module)) return false;
  return calls.every((call) => inertCalls.has(call.opcode));
}

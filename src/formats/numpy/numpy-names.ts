// What numpy, scipy and joblib may name in a pickle: constructors of data, dtype classes, and functions that an
// estimator may remember. Never numpy.load, numpy.f2py, numpy.testing, numpy.lib. What _ufunc_reconstruct fetches is judged by its
// own name (`nameMakers` of the pickle reader).
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";
import { joblibModules } from "./joblib.ts";
import { arrayClasses, multiarrayModules, numericModules } from "./numpy-roles.ts";

/** Scalar types, as values of `dtype` parameters. Some have two names (numpy 2 says `bool`, numpy 1 `bool_`). */
const scalarTypes: readonly string[] = [
  ...["bool", "bool_", "int8", "int16", "int32", "int64", "intc", "intp", "int_", "longlong"],
  ...["uint8", "uint16", "uint32", "uint64", "uintc", "uintp", "uint", "ulonglong", "ulong", "long"],
  ...["float16", "float32", "float64", "longdouble", "float_", "complex64", "complex128"],
  ...["str_", "bytes_", "object_", "datetime64", "timedelta64", "number", "integer", "floating", "generic"],
];

/** Element-wise functions without side effects. Whether one can be computed is for the estimator that holds it. */
const ufuncs: readonly string[] = [
  ...["log", "log1p", "log2", "log10", "exp", "expm1", "exp2", "sqrt", "cbrt", "square", "reciprocal"],
  ...["absolute", "fabs", "negative", "positive", "sign", "rint", "floor", "ceil", "trunc"],
  ...["sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"],
  ...["deg2rad", "rad2deg", "radians", "degrees", "isnan", "isfinite", "isinf", "logical_not"],
];
const ufuncModules: readonly string[] = [
  "numpy",
  "numpy.core._multiarray_umath",
  "numpy._core._multiarray_umath",
  "numpy.core.umath",
  "numpy._core.umath",
];

const sparseFormats: readonly string[] = ["csr", "csc", "coo", "dia", "bsr", "lil"];

/** The rows of numpy, scipy.sparse and joblib for an `AllowList`. */
export const numpyNames: readonly AllowedGlobal[] = [
  ...multiarrayModules.flatMap((module) => allow(module, "construct", "_reconstruct", "scalar")),
  ...numericModules.flatMap((module) => allow(module, "construct", "_frombuffer")),
  ...Object.entries(arrayClasses).flatMap(([module, names]) => allow(module, "construct", ...names)),
  ...allow("numpy", "construct", "dtype"),
  ...allow("numpy.core", "construct", "_ufunc_reconstruct"),
  ...allow("numpy._core", "construct", "_ufunc_reconstruct"),
  ...allow("numpy", "value", ...scalarTypes),
  ...ufuncModules.flatMap((module) => allow(module, "value", ...ufuncs)),
  ...["numpy.ma.core", "numpy.ma"].flatMap((module) => allow(module, "construct", "_mareconstruct", "MaskedArray")),
  ...allow("numpy.random._pickle", "construct", "__randomstate_ctor", "__bit_generator_ctor", "__generator_ctor"),
  ...allow("numpy.random", "construct", "__RandomState_ctor"),
  // As .skops files name them.
  ...allow("numpy.random.mtrand", "construct", "RandomState"),
  ...allow("numpy.random._generator", "construct", "Generator"),
  ...allow("numpy.random._mt19937", "construct", "MT19937"),
  ...allow("numpy.random._pcg64", "construct", "PCG64", "PCG64DXSM"),
  ...allow("numpy.random._philox", "construct", "Philox"),
  ...allow("numpy.random._sfc64", "construct", "SFC64"),
  ...allow("numpy.random.bit_generator", "construct", "SeedSequence", "__pyx_unpickle_SeedSequence"),
  ...sparseFormats.flatMap((format) => sparseNames(format)),
  ...joblibModules.flatMap((module) => allow(module, "construct", "NumpyArrayWrapper")),
];

/** scipy 1.8 moved `scipy.sparse.csr` to `scipy.sparse._csr`; the array classes came with it. */
function sparseNames(format: string): readonly AllowedGlobal[] {
  const classes = [`${format}_matrix`, `${format}_array`];
  return ["", "_"].flatMap((prefix) => allow(`scipy.sparse.${prefix}${format}`, "construct", ...classes));
}

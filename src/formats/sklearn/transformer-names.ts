// Objects that fitted transformers carry along and that hold data only: how columns were chosen, and names of columns.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";

const scoreFunctions: readonly string[] = ["chi2", "f_classif", "f_oneway", "f_regression", "r_regression"];
const informationFunctions: readonly string[] = ["mutual_info_classif", "mutual_info_regression"];

export const transformerNames: readonly AllowedGlobal[] = [
  ...allow("sklearn.compose._column_transformer", "construct", "make_column_selector", "_RemainderColsList"),
  ...allow("pandas.core.indexes.base", "construct", "_new_Index", "Index"),
  ...allow("pandas.core.indexes.range", "construct", "RangeIndex"),
  ...["_univariate_selection", "univariate_selection"].flatMap((module) =>
    allow(`sklearn.feature_selection.${module}`, "value", ...scoreFunctions),
  ),
  ...["_mutual_info", "mutual_info", "mutual_info_"].flatMap((module) =>
    allow(`sklearn.feature_selection.${module}`, "value", ...informationFunctions),
  ),
  ...["scipy.interpolate._bsplines", "scipy.interpolate"].flatMap((module) => allow(module, "construct", "BSpline")),
  ...["numpy", "numpy.core.fromnumeric"].flatMap((module) => allow(module, "value", "clip")),
  ...["numpy", "numpy.lib.type_check", "numpy.lib._type_check_impl"].flatMap((module) =>
    allow(module, "value", "nan_to_num"),
  ),
];

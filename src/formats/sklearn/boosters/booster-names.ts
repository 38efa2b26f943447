// What pickled wrappers of XGBoost and LightGBM carry along beside the model itself.
import { type AllowedGlobal, allow } from "../../pickle/allow-list.ts";

export const boosterNames: readonly AllowedGlobal[] = [
  ...allow("xgboost.compat", "construct", "XGBoostLabelEncoder"),
  ...allow("xgboost.callback", "construct", "EarlyStopping"),
  ...["sklearn.preprocessing._label", "sklearn.preprocessing.label"].flatMap((module) =>
    allow(module, "construct", "LabelEncoder"),
  ),
];

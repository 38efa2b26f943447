// Objects that boosted models carry along and that hold data only: losses, bins, and the trees of histogram boosting.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";
import { oldStartModule, oldStartNames } from "./old-starts.ts";

const histogram = "sklearn.ensemble._hist_gradient_boosting";

const losses: readonly string[] = [
  ...["LeastSquaresError", "LeastAbsoluteError", "HuberLossFunction", "QuantileLossFunction"],
  ...["BinomialDeviance", "MultinomialDeviance", "ExponentialLoss"],
];

const histogramLosses: readonly string[] = [
  ...["LeastSquares", "LeastAbsoluteDeviation", "Poisson", "BinaryCrossEntropy", "CategoricalCrossEntropy"],
];

export const boostingNames: readonly AllowedGlobal[] = [
  ...allow("sklearn.ensemble._gb_losses", "construct", ...losses),
  ...allow(oldStartModule, "construct", ...losses, ...oldStartNames),
  ...allow(`${histogram}.loss`, "construct", ...histogramLosses),
  ...allow(`${histogram}.binning`, "construct", "_BinMapper"),
  ...allow(`${histogram}.predictor`, "construct", "TreePredictor"),
  ...allow("sklearn.compose._column_transformer", "construct", "ColumnTransformer", "_RemainderColsList"),
  ...allow("sklearn.preprocessing._encoders", "construct", "OrdinalEncoder"),
  ...allow("sklearn.preprocessing._function_transformer", "construct", "FunctionTransformer"),
  ...allow("sklearn.preprocessing._label", "construct", "LabelEncoder"),
  // Held by the preprocessor of models with categories: functools.partial(check_array, …).
  ...allow("sklearn.utils.validation", "value", "check_array"),
];

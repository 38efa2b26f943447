// The flavours of an MLmodel that are read, best first, and where each names its model file.
import { trimaranError } from "../../base/errors.ts";
import { type MLmodel, memberPath } from "../../mlflow/mlmodel.ts";

interface Flavor {
  readonly name: string;
  /** The keys of the flavour's settings that may name the model file. */
  readonly fileKeys: readonly string[];
  /** Python's general flavour says by its loader whose file it is. */
  readonly loader?: string;
}

const flavors: readonly Flavor[] = [
  { name: "trimaran", fileKeys: ["data"] },
  { name: "sklearn", fileKeys: ["pickled_model"] },
  { name: "xgboost", fileKeys: ["data"] },
  { name: "lightgbm", fileKeys: ["data"] },
  { name: "onnx", fileKeys: ["data"] },
  ...["sklearn", "xgboost", "lightgbm", "onnx"].map((library) => ({
    name: "python_function",
    fileKeys: ["model_path", "data"],
    loader: `mlflow.${library}`,
  })),
];

/** The model file's path below the folder. @throws MLMODEL_FLAVOR when none of its flavours is read, MLMODEL_INVALID */
export function modelFileOf(mlmodel: MLmodel, name: string): string {
  for (const { name: flavor, fileKeys, loader } of flavors) {
    const settings = mlmodel.flavors.get(flavor);
    if (settings === undefined || (loader !== undefined && settings["loader_module"] !== loader)) continue;
    const key = fileKeys.find((each) => Object.hasOwn(settings, each)) ?? fileKeys[0] ?? "";
    return memberPath(settings[key], { name, key: `${flavor}.${key}` });
  }
  throw trimaranError("MLMODEL_FLAVOR", { name, flavors: [...mlmodel.flavors.keys()].join(", ") || "none" });
}

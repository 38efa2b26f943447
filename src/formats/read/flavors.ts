// The flavours of an MLmodel that are read, best first, and where each names its model file.
import { trimaranError } from "../../base/errors.ts";
import type { MLmodel } from "../../mlflow/mlmodel.ts";

export interface Flavor {
  readonly name: string;
  /** The key of the flavour's settings that names the model file. */
  readonly fileKey: string;
}

export const flavors: readonly Flavor[] = [{ name: "sklearn", fileKey: "pickled_model" }];

export interface ChosenFlavor {
  readonly flavor: Flavor;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** @throws MLMODEL_FLAVOR when none of its flavours is read */
export function flavorOf(mlmodel: MLmodel, name: string): ChosenFlavor {
  for (const flavor of flavors) {
    const settings = mlmodel.flavors.get(flavor.name);
    if (settings !== undefined) return { flavor, settings };
  }
  throw trimaranError("MLMODEL_FLAVOR", { name, flavors: [...mlmodel.flavors.keys()].join(", ") || "none" });
}

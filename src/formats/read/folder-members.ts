// The files of a model folder that reading needs, as its MLmodel names them.
import { memberPath, readMLmodel } from "../../mlflow/mlmodel.ts";
import { flavorOf } from "./flavors.ts";

/** Paths below the folder, without the MLmodel itself. @throws MLMODEL_INVALID, MLMODEL_FLAVOR */
export function folderMembers(mlmodelBytes: Uint8Array, name: string): readonly string[] {
  const { flavor, settings } = flavorOf(readMLmodel(mlmodelBytes, name), name);
  return [memberPath(settings[flavor.fileKey], { name, key: `${flavor.name}.${flavor.fileKey}` })];
}

// The files of a model folder that reading needs, as its MLmodel names them.
import { readMLmodel } from "../../mlflow/mlmodel.ts";
import { modelFileOf } from "./flavors.ts";

/** Paths below the folder, without the MLmodel itself. @throws MLMODEL_INVALID, MLMODEL_FLAVOR */
export function folderMembers(mlmodelBytes: Uint8Array, name: string): readonly string[] {
  return [modelFileOf(readMLmodel(mlmodelBytes, name), name)];
}

// The files of a model folder that reading needs, as its MLmodel names them.
import { type MLmodel, memberPath, readMLmodel } from "../../mlflow/mlmodel.ts";
import { modelFileOf } from "./flavors.ts";

/** An example of more bytes is no example. */
export const maxExampleBytes: number = 1 << 20;

/** Files that tell something about the model and that it is read without. @throws MLMODEL_INVALID for one outside of the folder */
export function exampleMembers(mlmodel: MLmodel, name: string): readonly string[] {
  const { path, servingPath } = mlmodel.inputExample ?? { path: null, servingPath: null };
  const paths = [
    { value: path, key: "saved_input_example_info.artifact_path" },
    { value: servingPath, key: "saved_input_example_info.serving_input_path" },
  ];
  return paths.flatMap(({ value, key }) => (value === null ? [] : [memberPath(value, { name, key })]));
}

/** Paths below the folder, without the MLmodel itself. @throws MLMODEL_INVALID, MLMODEL_FLAVOR */
export function folderMembers(mlmodelBytes: Uint8Array, name: string): readonly string[] {
  return [modelFileOf(readMLmodel(mlmodelBytes, name), name)];
}

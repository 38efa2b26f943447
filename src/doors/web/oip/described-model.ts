// What a service is in the protocol's words: its inputs and its outputs as tensors.
import type { RecordFeature } from "../../../data/model-input.ts";
import type { OutputColumn } from "../../../data/predictions.ts";
import { inputsOfModel, type TensorMetadata, tensorsOfSchema } from "../../../formats/oip/model-metadata.ts";
import { type WantedRows, wantedOfInput, wantedOfSchema } from "../../../formats/oip/rows-from-tensors.ts";
import { tensorsFromColumn } from "../../../formats/oip/tensors-from-answers.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";

/** The platform of models that Trimaran computes itself. */
export const platform = "trimaran";

export function inputsOf({ deployment, input }: PredictionService): readonly TensorMetadata[] {
  return deployment === null ? inputsOfModel(input) : tensorsOfSchema(deployment.input);
}

export function wantedRows({ deployment, input }: PredictionService): WantedRows {
  return deployment === null ? wantedOfInput(input) : wantedOfSchema(deployment.input);
}

/** Of a model served alone that takes dictionaries. */
export function featuresOf({ deployment, input }: PredictionService): readonly RecordFeature[] {
  return deployment === null && input.kind === "records" && input.items === undefined ? input.features : [];
}

/** Of a definition its output fields; of a model served alone its methods, the default first. */
export function outputNames({ deployment, methods }: PredictionService): readonly string[] {
  return deployment === null ? methods : Object.keys(deployment.output);
}

/** A model that cannot say what it answers before it is asked has outputs of any width. */
export async function outputsOf(service: PredictionService): Promise<readonly TensorMetadata[]> {
  const { deployment, methods } = service;
  if (deployment !== null) return tensorsOfSchema(deployment.output);
  const columns: Readonly<Record<string, OutputColumn>> = (await service.outputs?.().catch(() => undefined)) ?? {};
  return methods.flatMap((method) => outputTensors(method, columns[method]));
}

function outputTensors(method: string, column: OutputColumn | undefined): readonly TensorMetadata[] {
  if (column === undefined) return [{ name: method, datatype: "FP64", shape: [-1, -1] }];
  return tensorsFromColumn(method, column, 0).map(({ name, datatype, shape }) => ({
    name,
    // Cells that come through a transformer may be texts.
    datatype: column.kind === "cell" ? "BYTES" : datatype,
    shape: [-1, ...shape.slice(1)],
  }));
}

// What a model says about itself in the protocol: names, datatypes and shapes of its inputs and outputs (-1: any number).

import type { Schema } from "../../data/field.ts";
import { oipDatatype } from "../../data/field-wire-types.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { TensorDatatype } from "./datatype.ts";
import { wholeNumber } from "./grpc-messages.ts";
import { fieldOf, objectOf, textOf } from "./json-body.ts";
import { checkCount, checkDatatype, checkName, checkTensors, maxRank, type OipLimits, shapeProblem } from "./tensor.ts";

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: TensorDatatype;
  /** -1 is any number; the first dimension is the rows. */
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** From the JSON of REST or the message of gRPC. @throws OIP_* */
export function readModelMetadata(given: unknown, limits: OipLimits = {}): ModelMetadata {
  const body = objectOf(given, "the metadata");
  const versions = fieldOf(body, "versions");
  return {
    name: textOf(body, "name", "the metadata") ?? "",
    versions: Array.isArray(versions) ? versions.filter((version) => typeof version === "string") : [],
    platform: textOf(body, "platform", "the metadata") ?? "",
    inputs: readTensors(fieldOf(body, "inputs"), "input", limits),
    outputs: readTensors(fieldOf(body, "outputs"), "output", limits),
  };
}

function readTensors(given: unknown, what: string, limits: OipLimits): readonly TensorMetadata[] {
  if (!Array.isArray(given)) return [];
  checkCount(given.length, what, limits);
  const tensors = given.map((each: unknown, at): TensorMetadata => {
    const tensor = objectOf(each, `${what} ${at}`);
    const name = checkName(fieldOf(tensor, "name"), `${what} ${at}`);
    return {
      name,
      datatype: checkDatatype(name, fieldOf(tensor, "datatype")),
      shape: readPattern(name, fieldOf(tensor, "shape")),
    };
  });
  checkTensors(
    tensors.map(({ name }) => name),
    what,
    limits,
  );
  return tensors;
}

const maxDimension = 2 ** 26;

function readPattern(name: string, given: unknown): readonly number[] {
  if (!Array.isArray(given)) throw shapeProblem(name, "it must be a list of whole numbers");
  if (given.length > maxRank) throw shapeProblem(name, `it has ${given.length} dimensions; ${maxRank} is the most`);
  return given.map((each: unknown) => {
    const dim = typeof each === "number" ? each : wholeNumber(each);
    if (typeof dim !== "number" || !Number.isInteger(dim) || dim < -1 || dim > maxDimension) {
      throw shapeProblem(name, `a dimension must be a whole number from -1 to ${maxDimension}`);
    }
    return dim;
  });
}

/** What a bare model asks for: one tensor a column, or one matrix where columns have no names. */
export function inputsOfModel(input: ModelInput): readonly TensorMetadata[] {
  if (input.kind === "records" && input.items !== undefined) {
    return [{ name: "input-0", datatype: "BYTES", shape: [-1, -1] }];
  }
  if (input.kind === "matrix" && input.anyWidth === true) {
    return [{ name: "input-0", datatype: "FP64", shape: [-1, -1] }];
  }
  if (input.kind === "records") {
    return input.features.map(({ name, numeric }) => ({ name, datatype: numeric ? "FP64" : "BYTES", shape: [-1, 1] }));
  }
  if (input.kind === "matrix" && !input.named) {
    return [{ name: "input-0", datatype: "FP64", shape: [-1, input.anyWidth === true ? -1 : input.columns.length] }];
  }
  const types = { number: "FP64", integer: "INT64", boolean: "BOOL", string: "BYTES", any: "BYTES" } as const;
  return input.columns.map(({ name, type }, at) => {
    return { name: input.named ? name : `input-${at}`, datatype: types[type], shape: [-1, 1] };
  });
}

/** What a definition takes or answers: one tensor a field. */
export function tensorsOfSchema(schema: Schema): readonly TensorMetadata[] {
  return Object.entries(schema).map(([name, { spec }]) => ({ name, datatype: oipDatatype(spec), shape: [-1, 1] }));
}

// An inference request and its answer, whatever they came as.
import { trimaranError } from "../../base/errors.ts";
import { type OipParameters, type OipTensor, parameterOf } from "./tensor.ts";

export interface InferRequest {
  /** Echoed in the answer; null when none was given. */
  readonly id: string | null;
  readonly parameters: OipParameters;
  readonly inputs: readonly OipTensor[];
  /** Empty: everything that the model answers. */
  readonly outputs: readonly RequestedOutput[];
  /** It came as raw bytes (gRPC `raw_input_contents`); a gRPC answer is then raw too. */
  readonly raw: boolean;
}

export interface RequestedOutput {
  readonly name: string;
  readonly parameters: OipParameters;
}

export interface InferResponse {
  readonly modelName: string;
  readonly modelVersion: string | null;
  readonly id: string | null;
  readonly parameters: OipParameters;
  readonly outputs: readonly OipTensor[];
}

/** Whether the request asks for this output as raw bytes (REST): by the output itself, else for all of them. */
export function wantsBinary(request: InferRequest, output: string): boolean {
  const own = request.outputs.find(({ name }) => name === output)?.parameters ?? {};
  return (parameterOf(own, "binary_data") ?? parameterOf(request.parameters, "binary_data_output")) === true;
}

/**
 * The outputs that the request asks for, in its order, among those that the model has.
 * @throws OIP_OUTPUT
 */
export function chooseOutputs(request: InferRequest, names: readonly string[]): readonly string[] {
  if (request.outputs.length === 0) return names;
  return request.outputs.map(({ name }) => {
    if (!names.includes(name)) throw trimaranError("OIP_OUTPUT", { output: name, outputs: names.join(", ") });
    return name;
  });
}

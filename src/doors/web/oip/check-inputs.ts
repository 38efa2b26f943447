// The tensors of a request against those that the model has: a name that it does not know, or texts where it takes numbers, would
// be answered with wrong numbers or not at all.
import { trimaranError } from "../../../base/errors.ts";
import type { RecordFeature } from "../../../data/model-input.ts";
import type { InferRequest } from "../../../formats/oip/infer.ts";
import type { TensorMetadata } from "../../../formats/oip/model-metadata.ts";
import { inputsProblem, type WantedRows } from "../../../formats/oip/rows-from-tensors.ts";
import type { OipTensor } from "../../../formats/oip/tensor.ts";

export interface KnownInputs {
  readonly inputs: readonly TensorMetadata[];
  readonly wanted: WantedRows;
  /** Of a dictionary of features: which are numbers and which are texts. */
  readonly features: readonly RecordFeature[];
}

/** @throws OIP_INPUTS, OIP_DATATYPE */
export function checkInputs({ inputs: tensors }: InferRequest, { inputs, wanted, features }: KnownInputs): void {
  const byName = new Map(inputs.map((input) => [input.name, input]));
  const columns = new Set(wanted.columns.map(({ name }) => name));
  const [first] = tensors;
  const matrix = tensors.length === 1 && first !== undefined && (!wanted.named || !byName.has(first.name));
  const unknown = tensors.filter(
    ({ name }) => !byName.has(name) && !columns.has(name) && !((matrix || !wanted.named) && isPositional(name)),
  );
  if (unknown.length > 0) {
    const names = unknown.slice(0, 20).map(({ name }) => name);
    throw inputsProblem(`there is no input ${names.join(", ")}`, wanted);
  }
  const textual = new Set(features.filter(({ numeric: isNumber }) => !isNumber).map(({ name }) => name));
  const either = new Set(
    features.filter(({ numeric: isNumber, categories }) => isNumber && categories.length > 0).map(({ name }) => name),
  );
  for (const tensor of tensors) {
    const { name, datatype } = tensor;
    if (either.has(name)) continue;
    if (textual.has(name) && datatype !== "BYTES") {
      throw trimaranError("OIP_DATATYPE", { tensor: name, given: datatype, known: "BYTES" });
    }
    assertDatatype(tensor, byName.get(tensor.name) ?? (matrix ? inputs[0] : undefined));
  }
}

/** How a tensor is called where columns have no names: MLServer's clients say `input-0`, others `input_0` or `0`. */
function isPositional(name: string): boolean {
  return /^(input|inputs)?[-_]*\d{0,6}$/i.test(name);
}

const numeric: ReadonlySet<string> = new Set(["FP64", "INT64", "BOOL"]);

function assertDatatype({ name, datatype, shape }: OipTensor, known: TensorMetadata | undefined): void {
  if (known === undefined || datatype !== "BYTES" || !numeric.has(known.datatype)) return;
  // A matrix of texts for a model whose first column only is a number.
  if (known.name !== name && shape.length > 1 && known.shape[1] === 1) return;
  throw trimaranError("OIP_DATATYPE", {
    tensor: name,
    given: "BYTES",
    known: `${known.datatype}, or another numeric datatype`,
  });
}

// What REST and gRPC share: an inference request → its rows → the model's answers → tensors.
import { type Issue, trimaranError } from "../../../base/errors.ts";
import type { FieldSpec } from "../../../data/field-spec.ts";
import { oipDatatype } from "../../../data/field-wire-types.ts";
import { jsonPointer } from "../../../data/json-pointer.ts";
import type { TensorDatatype } from "../../../formats/oip/datatype.ts";
import { chooseOutputs, type InferRequest, type InferResponse } from "../../../formats/oip/infer.ts";
import { rowsFromTensors } from "../../../formats/oip/rows-from-tensors.ts";
import { type OipTensor, parameterOf } from "../../../formats/oip/tensor.ts";
import { tensorFromCells, tensorsFromColumn } from "../../../formats/oip/tensors-from-answers.ts";
import type { Answers } from "../../../serving/answers.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { Door } from "../door.ts";
import type { Flight, Flights } from "../flights.ts";
import { rowsError } from "../predict-call.ts";
import { checkInputs } from "./check-inputs.ts";
import { featuresOf, inputsOf, outputNames, outputsOf, wantedRows } from "./described-model.ts";

export interface Inference<Owner> {
  readonly door: Door;
  readonly flights: Flights<Owner>;
  readonly flight: Flight<Owner>;
  readonly service: PredictionService;
  readonly request: InferRequest;
  readonly predictionId: string;
  /** Ends what waits for others when nobody waits for the answer any longer. @default none */
  readonly signal?: AbortSignal;
}

export interface Inferred {
  readonly answers: Answers;
  readonly response: InferResponse;
}

/**
 * Undefined: the caller is gone, or was told that its time is over.
 * @throws OIP_*, REQUEST_INVALID with every issue, REQUEST_TOO_MANY_ROWS, REQUEST_TIMEOUT, and what the service throws
 */
export async function inferRows<Owner>(inference: Inference<Owner>): Promise<Inferred | undefined> {
  const { door, flight, service, request, predictionId, signal } = inference;
  flight.service = service.name;
  limitTime(inference);
  const chosen = await chooseAnswers(service, request);
  const wanted = wantedRows(service);
  checkInputs(request, { inputs: inputsOf(service), wanted, features: featuresOf(service) });
  const count = request.inputs[0]?.shape[0] ?? 0;
  if (count > door.options.maxRows) {
    throw trimaranError("REQUEST_TOO_MANY_ROWS", { rows: count, limit: door.options.maxRows });
  }
  const rows = rowsFromTensors(request, wanted);
  flight.rows = rows.length;
  flight.decoded = performance.now();
  const methods = service.deployment === null ? [...new Set(chosen.map(({ source }) => source))] : undefined;
  const answers = await service.answer(rows, {
    methods,
    unknownFields: "ignore",
    id: predictionId,
    numbered: true,
    signal,
  });
  flight.predicted = performance.now();
  flight.version = answers.modelVersion ?? "1";
  if (flight.settled) return undefined;
  assertInTime(flight);
  if (answers.issues.length > 0) throw rowsError(service, tensorIssues(inference, answers));
  if (answers.warnings.length > 0) door.counters.countWarnings(service.name, answers.warnings);
  const response: InferResponse = {
    modelName: service.name,
    modelVersion: flight.version,
    id: request.id ?? predictionId,
    parameters: {},
    outputs: outputTensors(service, { answers, chosen }),
  };
  return { answers, response };
}

/** The parameter `timeout`, in microseconds; 0 is none. @throws OIP_PARAMETER */
function limitTime<Owner>({ flights, flight, request }: Inference<Owner>): void {
  const timeout = parameterOf(request.parameters, "timeout");
  if (timeout === undefined || timeout === 0 || timeout === 0n) return;
  const micros = typeof timeout === "bigint" ? Number(timeout) : timeout;
  if (typeof micros !== "number" || !Number.isInteger(micros) || micros < 0) {
    throw trimaranError("OIP_PARAMETER", {
      parameter: "timeout",
      problem: "it is no whole number of microseconds",
      expected: "one of 0 (none) or above",
    });
  }
  flights.shorten(flight, micros / 1000);
  assertInTime(flight);
}

/** While a model computes no timer can tell that its time is over. @throws REQUEST_TIMEOUT */
function assertInTime({ since, deadline }: Pick<Flight<unknown>, "since" | "deadline">): void {
  if (performance.now() < deadline) return;
  throw trimaranError("REQUEST_TIMEOUT", { limitMs: Math.round((deadline - since) * 1000) / 1000 });
}

/** An output that is asked for, and the method or field that it is made of. */
interface ChosenOutput {
  readonly name: string;
  readonly source: string;
}

/** @throws OIP_OUTPUT */
async function chooseAnswers(service: PredictionService, request: InferRequest): Promise<readonly ChosenOutput[]> {
  const names = outputNames(service);
  if (request.outputs.length === 0) {
    return (service.deployment === null ? names.slice(0, 1) : names).map((name) => ({ name, source: name }));
  }
  if (request.outputs.every(({ name }) => names.includes(name))) {
    return chooseOutputs(request, names).map((name) => ({ name, source: name }));
  }
  // Outputs that do not fit into one tensor are several: `predict_proba-0`, `predict_proba-1`.
  const parts = (await outputsOf(service)).map(({ name }) => name);
  const known = [...names, ...parts.filter((part) => !names.includes(part))];
  return chooseOutputs(request, known).map((name) => {
    const source = names.includes(name) ? name : (names.find((each) => name.startsWith(`${each}-`)) ?? name);
    return { name, source };
  });
}

interface Answered {
  readonly answers: Answers;
  readonly chosen: readonly ChosenOutput[];
}

function outputTensors(service: PredictionService, { answers, chosen }: Answered): readonly OipTensor[] {
  const { rowCount, columns } = answers;
  const { deployment } = service;
  const rows = columns === undefined ? Array.from({ length: rowCount }, (_, row) => answers.value(row)) : [];
  return chosen.flatMap(({ name, source }) => {
    const column = columns?.[source];
    if (column === undefined) {
      const cells = rows.map((row) => row[source] ?? null);
      const datatype = datatypeOf(deployment?.output[source]?.spec, cells);
      return [tensorFromCells(source, { cells, shape: [rowCount, 1], datatype })];
    }
    const tensors = tensorsFromColumn(source, column, rowCount);
    return name === source ? tensors : tensors.filter((tensor) => tensor.name === name);
  });
}

/** Issues of rows under the tensors that caused them: `/trip_distance/3`. */
function tensorIssues<Owner>({ service, request }: Inference<Owner>, { issues }: Answers): readonly Issue[] {
  const names = new Set(inputsOf(service).map(({ name }) => name));
  const only = request.inputs.length === 1 ? request.inputs[0]?.name : undefined;
  return issues.map(({ row, path, code, message }): Issue => {
    const [, first = "", ...rest] = path.split("/");
    const below = rest.map((step) => `/${step}`).join("");
    if (first === "" || !names.has(first.replaceAll("~1", "/").replaceAll("~0", "~"))) {
      const tensor = only === undefined ? "" : jsonPointer(only);
      return { path: `${tensor}/${row}${path}`, code, message };
    }
    return { path: `/${first}/${row}${below}`, code, message };
  });
}

/** Of a field that a definition declares, else of the values themselves. */
function datatypeOf(spec: FieldSpec | undefined, cells: readonly unknown[]): TensorDatatype {
  if (spec !== undefined) return oipDatatype(spec);
  if (cells.every((cell) => typeof cell === "boolean")) return "BOOL";
  if (cells.every((cell) => cell === null || typeof cell === "number")) return "FP64";
  return "BYTES";
}

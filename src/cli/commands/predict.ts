// `trimaran predict`: rows in, predictions out, in order, in constant memory.
import { basename } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { openService } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { columnsOfInput, columnsOfSchema } from "../../tables/csv-columns.ts";
import { readCsv } from "../../tables/csv-reader.ts";
import { readNdjson } from "../../tables/ndjson-reader.ts";
import { type ByteChunks, defaultBatchRows, type RowBatch } from "../../tables/row-batch.ts";
import { csvEncoder, ndjsonEncoder, type RowEncoder } from "../../tables/row-encoder.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { isTerminal } from "../host.ts";
import { onOneLine } from "../messages.ts";
import { serviceOptions } from "../open-target.ts";
import { type PredictedRows, predictRows } from "../predict-rows.ts";
import { openProgress } from "../progress.ts";
import { openInput, openOutput, rowFormat } from "../row-files.ts";
import { listOf, numberOf, textOf } from "../settings.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  const inputPath = textOf(settings, "input") ?? "-";
  const outputPath = textOf(settings, "output") ?? "-";
  const [inputFormat, outputFormat] = [rowFormat(inputPath), rowFormat(outputPath)];
  const service = await openService(args[0] ?? "", serviceOptions(call, "predict"));
  try {
    const methods = chooseMethods(service, listOf(settings, "method"));
    const input = await openInput(inputPath, host);
    if (inputPath === "-" && isTerminal(host.stdin)) messages.info("Reading rows from the terminal; Ctrl-D ends them.");
    const batchRows = defaultBatchRows * (numberOf(settings, "threads") ?? 1);
    const name = basename(inputPath);
    const batches =
      inputFormat === "csv" ? csvRows(input, { service, name, batchRows }) : readNdjson(input, { batchRows });
    const encoder = outputFormat === "csv" ? csvEncoder(outputNames(service, methods)) : ndjsonEncoder;
    return await answerAll(call, { service, methods, batches, encoder, outputPath });
  } finally {
    await service.close();
  }
}

interface Work {
  readonly service: PredictionService;
  readonly methods: readonly string[] | undefined;
  readonly batches: AsyncIterable<RowBatch>;
  readonly encoder: RowEncoder;
  readonly outputPath: string;
}

async function answerAll(call: CommandCall, work: Work): Promise<number> {
  const { rows, failed, warnings } = await writeAnswers(call, work);
  for (const { code, field, count } of warnings) {
    call.messages.warn(`${onOneLine(field)}: ${count} × ${code.replaceAll("_", " ")}`);
  }
  if (failed > 0) throw trimaranError("ROWS_FAILED", { failed, rows });
  return exitDone;
}

async function writeAnswers({ host, messages }: CommandCall, work: Work): Promise<PredictedRows> {
  const { service, outputPath, ...rest } = work;
  const output = await openOutput(outputPath, host);
  const progress = openProgress(messages);
  try {
    const onProgress = progress.update;
    const result = await predictRows(service, { ...rest, write: output.write, onProgress, signal: host.signal });
    await output.finish();
    return result;
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    progress.end();
  }
}

/** @throws USAGE_CONFLICT, MODEL_METHOD */
function chooseMethods(service: PredictionService, asked: readonly string[]): readonly string[] | undefined {
  if (asked.length === 0) return undefined;
  if (service.deployment !== null) {
    throw trimaranError("USAGE_CONFLICT", { first: "--method", second: "a definition", command: "predict" });
  }
  const unknown = asked.find((method) => !service.methods.includes(method));
  if (unknown !== undefined) {
    throw trimaranError("MODEL_METHOD", { method: unknown, methods: service.methods.join(", ") });
  }
  return [...new Set(asked)];
}

function csvRows(
  input: ByteChunks,
  of: { readonly service: PredictionService; readonly name: string; readonly batchRows: number },
): AsyncIterable<RowBatch> {
  const { deployment, input: modelInput } = of.service;
  const column = deployment === null ? columnsOfInput(modelInput) : columnsOfSchema(deployment.input);
  const positional = deployment === null && modelInput.kind !== "records" && !modelInput.named;
  return readCsv(input, { name: of.name, column, positional, batchRows: of.batchRows });
}

function outputNames(service: PredictionService, methods: readonly string[] | undefined): readonly string[] {
  return service.deployment === null
    ? (methods ?? service.methods.slice(0, 1))
    : Object.keys(service.deployment.output);
}

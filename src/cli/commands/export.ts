// `trimaran export`: a model as an ONNX file, for runtimes that are not ours, as our own file, or as SQL.
import { extname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { trimaranError } from "../../base/errors.ts";
import { writeGraphFile } from "../../formats/graph/graph-file.ts";
import type { OnnxValueInfo } from "../../formats/onnx/onnx-proto.ts";
import { type OnnxFile, writeOnnx } from "../../formats/onnx/write-onnx.ts";
import { type LoadModelOptions, loadAnyModel, loadModel } from "../../loaders/load-model.ts";
import { withMembers } from "../../loaders/split-members.ts";
import type { ModelGraph } from "../../model/graph.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { limitsOf } from "../limit-flag.ts";
import { version } from "../package-version.ts";
import { openOutput } from "../row-files.ts";
import { isOn, listOf, numberOf, type Settings, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  if (textOf(settings, "sql") !== null) {
    const { exportSql } = await import("../sql/export-sql.ts");
    return exportSql(call);
  }
  for (const flag of ["table", "rows"]) if (textOf(settings, flag) !== null) throw onlySql(flag);
  if (listOf(settings, "keep").length > 0) throw onlySql("keep");
  if (settings.get("model")?.source === "--model") throw onlySql("model");
  const place = outputPlace(textOf(settings, "output"));
  if (extname(place).toLowerCase() === graphExtension) return exportGraph(call, place);
  const uri = withMembers(args[0] ?? "", listOf(settings, "member"));
  const { graph } = await loadModel([uri], loadOptions(settings));
  const asked = [...new Set(listOf(settings, "method"))];
  assertMethods(graph, asked);
  const precision = textOf(settings, "precision") === "float32" ? "float32" : "float64";
  const file = writeOnnx(graph, { precision, methods: asked.length === 0 ? undefined : asked });
  await writeBytes(file.bytes, place, host);
  if (place === "-") return exitDone;
  const report = {
    file: place,
    bytes: file.bytes.length,
    precision: file.precision,
    tolerance: file.tolerance,
    ...portsOf(file),
  };
  await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(report)}\n` : `${place}\n`);
  const near = file.tolerance < 1e-5 ? "near to ours, by the last digits" : "within 1e-5 of ours";
  messages.info(`ONNX Runtime's numbers are ${near}. Rows that the model refuses are not refused there.`);
  return exitDone;
}

const graphExtension = ".trimaran";

/** Our own file keeps every method and every digit. @throws GRAPH_CUSTOM, USAGE_INVALID */
async function exportGraph({ args, settings, host, messages }: CommandCall, place: string): Promise<number> {
  if (listOf(settings, "method").length > 0 || textOf(settings, "precision") === "float32") {
    const problem = "--method and --precision are of ONNX files; a .trimaran file keeps every method and digit.";
    throw trimaranError("USAGE_INVALID", { problem, command: "export" });
  }
  const uri = withMembers(args[0] ?? "", listOf(settings, "member"));
  const { model } = await loadAnyModel([uri], loadOptions(settings));
  const bytes = writeGraphFile({
    model: model.kind === "graph" ? { kind: "graph", graph: model.graph } : { kind: "onnx", bytes: model.onnx.bytes },
    versions: { ...model.facts.versions, Trimaran: [version()] },
  });
  await writeBytes(bytes, place, host);
  const report = { file: place, bytes: bytes.length };
  await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(report)}\n` : `${place}\n`);
  messages.info("Trimaran answers from it exactly as from the model that it was made of.");
  return exitDone;
}

function loadOptions(settings: Settings): LoadModelOptions {
  return { maxBytes: numberOf(settings, "max-model-bytes"), limits: limitsOf(settings, "export") };
}

async function writeBytes(bytes: Uint8Array, place: string, host: CommandCall["host"]): Promise<void> {
  const output = await openOutput(place, host);
  try {
    await output.write(bytes);
    // A signal that came during the work is heard at the first pause.
    await nextTurn();
    host.signal.throwIfAborted();
    await output.finish();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

function onlySql(flag: string): Error {
  return trimaranError("USAGE_INVALID", { problem: `--${flag} is of --sql.`, command: "export" });
}

/** @throws USAGE_INVALID */
function outputPlace(output: string | null): string {
  if (output === null) {
    throw trimaranError("USAGE_INVALID", { problem: "--output names the file to write.", command: "export" });
  }
  if (output !== "-" && ![".onnx", graphExtension].includes(extname(output).toLowerCase())) {
    const problem = "--output must end in .onnx or .trimaran, or be -, which is ONNX; .sql needs --sql.";
    throw trimaranError("USAGE_INVALID", { problem, command: "export" });
  }
  return output;
}

/** @throws MODEL_METHOD */
function assertMethods(graph: ModelGraph, asked: readonly string[]): void {
  const unknown = asked.find((method) => !Object.hasOwn(graph.outputs, method));
  if (unknown === undefined) return;
  throw trimaranError("MODEL_METHOD", { method: unknown, methods: Object.keys(graph.outputs).join(", ") });
}

function portsOf({ inputs, outputs }: OnnxFile): Record<"inputs" | "outputs", readonly Omit<OnnxValueInfo, "says">[]> {
  const shown = ({ name, type, width }: OnnxValueInfo): Omit<OnnxValueInfo, "says"> => ({ name, type, width });
  return { inputs: inputs.map(shown), outputs: outputs.map(shown) };
}

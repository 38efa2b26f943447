// `trimaran export`: a model as an ONNX file, for runtimes that are not ours.
import { extname } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import type { OnnxValueInfo } from "../../formats/onnx/onnx-proto.ts";
import { type OnnxFile, writeOnnx } from "../../formats/onnx/write-onnx.ts";
import { loadModel } from "../../loaders/load-model.ts";
import { withMembers } from "../../loaders/split-members.ts";
import type { ModelGraph } from "../../model/graph.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { openOutput } from "../row-files.ts";
import { isOn, listOf, numberOf, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute({ args, settings, host, messages }: CommandCall): Promise<number> {
  const place = outputPlace(textOf(settings, "output"));
  const uri = withMembers(args[0] ?? "", listOf(settings, "member"));
  const { graph } = await loadModel([uri], { maxBytes: numberOf(settings, "max-model-bytes") });
  const asked = [...new Set(listOf(settings, "method"))];
  assertMethods(graph, asked);
  const precision = textOf(settings, "precision") === "float32" ? "float32" : "float64";
  const file = writeOnnx(graph, { precision, methods: asked.length === 0 ? undefined : asked });
  const output = await openOutput(place, host);
  try {
    await output.write(file.bytes);
    await output.finish();
  } catch (error) {
    await output.discard();
    throw error;
  }
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

/** @throws USAGE_INVALID */
function outputPlace(output: string | null): string {
  if (output === null) {
    throw trimaranError("USAGE_INVALID", { problem: "--output names the file to write.", command: "export" });
  }
  if (output !== "-" && extname(output).toLowerCase() !== ".onnx") {
    throw trimaranError("USAGE_INVALID", { problem: "--output must end in .onnx, or be -.", command: "export" });
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

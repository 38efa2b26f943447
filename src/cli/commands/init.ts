// `trimaran init`: writes a definition for a model that passes `check` as it is.
import { existsSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { splitMembers, withMembers } from "../../loaders/split-members.ts";
import { isModelUri, type OpenServiceOptions, openService } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { CommandCall } from "../command.ts";
import { type DefinitionPlan, planDefinition, planOutline, withAnswer } from "../definition-plan.ts";
import { definitionAsTypeScript, definitionAsYaml, type RecordedExample } from "../definition-text.ts";
import { exitDone } from "../exit-code.ts";
import { limitsOf } from "../limit-flag.ts";
import { inspectModel } from "../model-report.ts";
import { isOn, listOf, numberOf, type Settings, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute({ args, settings, host, messages }: CommandCall): Promise<number> {
  const model = withMembers(args[0] ?? "", listOf(settings, "member"));
  const place = choosePlace(settings);
  const maxModelBytes = numberOf(settings, "max-model-bytes");
  const limits = limitsOf(settings, "init");
  const { graph, outline, problem, report } = await inspectModel(model, { maxBytes: maxModelBytes, limits });
  const names = { name: nameOf(model), model: modelLine(model, place.file), example: report.mlflow?.example[0] };
  const planned = graph === null ? outline && planOutline(outline, names) : planDefinition(graph, names);
  if (planned === null)
    throw problem ?? trimaranError("MODEL_NOT_A_MODEL", { name: model, what: "a model that says what it takes" });
  if (place.yaml && planned.method !== "predict") {
    const said = `The model answers ${planned.method}, which YAML cannot turn into an output; write a deployment.ts.`;
    throw trimaranError("USAGE_INVALID", { problem: said, command: "init" });
  }
  const example = await recordExample(planned, model, { maxModelBytes, limits });
  const plan = graph === null ? withAnswer(planned, example.output) : planned;
  const text = place.yaml ? definitionAsYaml(plan, example) : definitionAsTypeScript(plan, example);
  await writeDefinition(place.file, text, isOn(settings, "force"));
  await writeOutput(
    host.stdout,
    isOn(settings, "json") ? `${JSON.stringify({ file: place.file })}\n` : `${place.file}\n`,
  );
  messages.info(`Written. Next: trimaran check ${place.file}`);
  return exitDone;
}

interface Place {
  readonly file: string;
  readonly yaml: boolean;
}

const extensions: readonly string[] = [".ts", ".yaml", ".yml"];

/** @throws USAGE_INVALID, USAGE_CONFLICT, DEFINITION_AMBIGUOUS */
function choosePlace(settings: Settings): Place {
  const output = textOf(settings, "output") ?? ".";
  const asked = isOn(settings, "yaml");
  const isFolder = /[/\\]$/.test(output) || (statSync(output, { throwIfNoEntry: false })?.isDirectory() ?? false);
  const file = isFolder ? join(output, asked ? "deployment.yaml" : "deployment.ts") : output;
  const extension = extname(file).toLowerCase();
  if (!extensions.includes(extension)) {
    const problem = `--output must be a folder (a new one ends in /) or a file that ends in ${extensions.join(", ")}.`;
    throw trimaranError("USAGE_INVALID", { problem, command: "init" });
  }
  const yaml = extension !== ".ts";
  if (asked && !yaml)
    throw trimaranError("USAGE_CONFLICT", { first: "--yaml", second: `--output ${output}`, command: "init" });
  assertOnlyDefinition(file, yaml);
  return { file, yaml };
}

/** A folder with two definitions, or with code beside an MLmodel, would be refused by every command. */
function assertOnlyDefinition(file: string, yaml: boolean): void {
  if (!basename(file).startsWith("deployment.")) return;
  const others = [
    "deployment.ts",
    "deployment.js",
    "deployment.mjs",
    "deployment.yaml",
    "deployment.yml",
    ...(yaml ? [] : ["MLmodel"]),
  ];
  const folder = dirname(file);
  const other = others.find((name) => name !== basename(file) && existsSync(join(folder, name)));
  if (other !== undefined)
    throw trimaranError("DEFINITION_AMBIGUOUS", { name: folder, first: other, second: basename(file) });
}

function nameOf(model: string): string {
  const name = basename(resolve(splitMembers(model).uri));
  const stem = name.slice(0, name.length - extname(name).length) || name;
  return (
    stem
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[^A-Za-z0-9]+/, "")
      .slice(0, 64) || "model"
  );
}

/** A file's path is relative to the definition, so that both can be moved together. */
function modelLine(model: string, file: string): string {
  if (isModelUri(model)) return model;
  const path =
    relative(dirname(resolve(file)), resolve(model))
      .split(sep)
      .join("/") || ".";
  return path.startsWith("../") || path === "." || path === ".." ? path : `./${path}`;
}

async function recordExample(
  plan: DefinitionPlan,
  model: string,
  options: OpenServiceOptions,
): Promise<RecordedExample> {
  const service = await openModelHere(model, options);
  if (service === null) return { output: undefined };
  try {
    const features = Object.fromEntries(plan.inputs.map(({ feature, sample }) => [feature, sample]));
    const answers = await service.answer([features], { methods: [plan.method] });
    const output = answers.issues.length > 0 ? undefined : answers.value(0)[plan.method];
    return { output: isWritable(output) ? output : undefined };
  } finally {
    await service.close();
  }
}

/** Without ONNX Runtime the definition has no recorded answer. */
async function openModelHere(model: string, options: OpenServiceOptions): Promise<PredictionService | null> {
  try {
    return await openService(model, options);
  } catch (error) {
    if (isTrimaranError(error) && error.code === "ONNX_RUNTIME") return null;
    throw error;
  }
}

/** A value that reads back from the file as the same one. */
function isWritable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isWritable);
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || typeof value === "boolean";
}

async function writeDefinition(file: string, text: string, force: boolean): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: force ? "w" : "wx" });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "it cannot be opened";
    if (code === "EEXIST") throw trimaranError("FILE_EXISTS", { path: file }, { cause });
    throw trimaranError("FILE_NOT_WRITABLE", { path: file, problem: code }, { cause });
  }
}

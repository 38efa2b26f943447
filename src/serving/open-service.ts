// A target → a prediction service: the definition resolved, the model loaded, compiled and verified.
import { trimaranError } from "../base/errors.ts";
import { findDefinition, openDefinition } from "../deployment/open-definition.ts";
import { resolveModelUri } from "../deployment/resolve-model-uri.ts";
import type { ModelLine, OpenedDefinition } from "../deployment/resolved-deployment.ts";
import { loadPredictor } from "../loaders/load-predictor.ts";
import type { LoadPlace } from "../loaders/load-prepared.ts";
import { splitMembers, withMembers } from "../loaders/split-members.ts";
import { deploymentService } from "./deployment-service.ts";
import { modelService } from "./model-service.ts";
import type { PredictionService } from "./prediction-service.ts";

export interface OpenServiceOptions {
  /** `--model` as given: a URI. */
  readonly model?: string;
  /** `--member` as given: the parts of the model's file that make the model, in order. @default those that its URI names */
  readonly members?: readonly string[];
  /** The process environment, for MODEL_URI and RUN_ID. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default 2 GiB - 1 */
  readonly maxModelBytes?: number;
  /**
   * Whether a definition that does not fit its model is refused: its examples are answered and its features compared.
   * @default true
   */
  readonly verify?: boolean;
  /** How many worker threads share a large batch. @default 1: none, the calling thread computes */
  readonly threads?: number;
  /** Where the model is loaded: `auto` takes a worker thread for a large file. @default "auto" */
  readonly place?: LoadPlace;
}

/**
 * Opens a model (file, folder, URI) or a definition (file, folder).
 * @throws every code of loading a definition or a model
 */
export async function openService(target: string, options: OpenServiceOptions = {}): Promise<PredictionService> {
  const file = isModelUri(target) || splitMembers(target).members.length > 0 ? null : await findDefinition(target);
  if (file !== null) return openDeploymentService(await openDefinition(file), options);
  const uri = withMembers(options.model ?? target, options.members ?? []);
  const { maxModelBytes: maxBytes, threads, place } = options;
  const model = await loadPredictor([uri], { maxBytes, threads, place });
  return modelService({ model, predictor: model.predictor });
}

/** Opens a definition that is already resolved with its model. */
export async function openDeploymentService(
  opened: OpenedDefinition,
  options: OpenServiceOptions = {},
): Promise<PredictionService> {
  const { definition, file } = opened;
  const chosen = resolveModelUri(definition, { flag: options.model, env: options.env ?? {}, file });
  const uris = modelUris(chosen.line, { name: definition.name, members: options.members ?? [] });
  const { estimators } = definition;
  const { maxModelBytes: maxBytes, threads, place } = options;
  const model = await loadPredictor(uris, { maxBytes, threads, place, estimators });
  const { predictor } = model;
  for (const method of definition.methods ?? []) {
    if (!predictor.methods.includes(method)) {
      throw trimaranError("MODEL_METHOD", { method, methods: predictor.methods.join(", ") });
    }
  }
  const service = deploymentService({ opened, model, predictor, fixed: chosen.fixed });
  if (options.verify !== false) await assertFits(service, file);
  return service;
}

/** @throws MODEL_OVERRIDE for members of several models */
function modelUris(
  line: ModelLine,
  { name, members }: { readonly name: string; readonly members: readonly string[] },
): readonly string[] {
  if (line.kind === "single") return [withMembers(line.uri, members)];
  if (members.length > 0) {
    const what = line.kind === "steps" ? "steps" : "several models";
    throw trimaranError("MODEL_OVERRIDE", { source: "--member", name, what });
  }
  return Object.values(line.uris);
}

/** @throws CHECK_FAILED with every issue */
async function assertFits(service: PredictionService, file: string): Promise<void> {
  const { issues } = await service.check();
  if (issues.length > 0) throw trimaranError("CHECK_FAILED", { name: file, count: issues.length }, { issues });
}

function isModelUri(target: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(target) && !/^file:/i.test(target);
}

// A target → a prediction service: the definition resolved, the model loaded, compiled and verified.
import { trimaranError } from "../base/errors.ts";
import { findDefinition, openDefinition } from "../deployment/open-definition.ts";
import { resolveModelUri, singleUri } from "../deployment/resolve-model-uri.ts";
import type { ModelLine, OpenedDefinition, ResolvedDeployment } from "../deployment/resolved-deployment.ts";
import type { ReadLimits } from "../formats/read/read-limits.ts";
import type { GraphCacheOptions } from "../loaders/graph-cache.ts";
import type { LoadPlace } from "../loaders/load-prepared.ts";
import type { TrackingOptions } from "../loaders/mlflow/tracking.ts";
import { splitMembers, withMembers } from "../loaders/split-members.ts";
import { deploymentService } from "./deployment-service.ts";
import { type ModelOpener, modelOpener } from "./model-opener.ts";
import { modelService } from "./model-service.ts";
import { identityOf, type NamedModel } from "./named-model.ts";
import type { PredictionService } from "./prediction-service.ts";

export interface OpenServiceOptions {
  /** `--model` as given: a URI, or for a definition with several models URIs by name. */
  readonly model?: string | Readonly<Record<string, string>>;
  /** It is a model, whatever else lies there: no definition is looked for, and no code is run. @default false */
  readonly isModel?: boolean;
  /** `--member` as given: the parts of the model's file that make the model, in order. @default those that its URI names */
  readonly members?: readonly string[];
  /** The process environment, for MODEL_URI and RUN_ID. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default 2 GiB - 1 */
  readonly maxModelBytes?: number;
  /** What reading the model may cost, where that is more or less than usual. @default as each limit says */
  readonly limits?: ReadLimits;
  /**
   * Whether a definition that does not fit its model is refused: its examples are answered and its features compared.
   * @default true
   */
  readonly verify?: boolean;
  /** How many worker threads share a large batch. @default 1: none, the calling thread computes */
  readonly threads?: number;
  /** Where the model is loaded: `auto` takes a worker thread for a large file. @default "auto" */
  readonly place?: LoadPlace;
  /** Keeps prepared models below `home`, and opens from there what is unchanged. @default none */
  readonly cache?: GraphCacheOptions;
  /** How models are opened. @default as `cache` says */
  readonly open?: ModelOpener;
  /** The tracking server, for models that are named by it. @default what the environment says */
  readonly tracking?: TrackingOptions;
}

/**
 * Opens a model (file, folder, URI) or a definition (file, folder).
 * @throws every code of loading a definition or a model
 */
export async function openService(target: string, options: OpenServiceOptions = {}): Promise<PredictionService> {
  const isModel = options.isModel === true || isModelUri(target) || splitMembers(target).members.length > 0;
  const file = isModel ? null : await findDefinition(target);
  if (file !== null) return openDeploymentService(await openDefinition(file), options);
  const override = singleUri(options.model ?? target);
  if (typeof override !== "string") {
    throw trimaranError("MODEL_OVERRIDE", { source: "--model", name: target, what: "no record of models" });
  }
  const uri = withMembers(override, options.members ?? []);
  const { maxModelBytes: maxBytes, limits, threads, place, cache, open = modelOpener(cache), tracking } = options;
  const model = await open([uri], { maxBytes, limits, threads, place, tracking });
  const { signature, example: inputExample } = model.facts;
  return modelService({ model, predictor: model.predictor, signature, inputExample });
}

/** Opens a definition that is already resolved with its model. */
export async function openDeploymentService(
  opened: OpenedDefinition,
  options: OpenServiceOptions = {},
): Promise<PredictionService> {
  const { definition, file } = opened;
  const chosen = resolveModelUri(definition, { flag: options.model, env: options.env ?? {}, file });
  const models = await loadModels(chosen.line, { definition, options });
  for (const method of definition.methods ?? []) {
    for (const { predictor } of models) {
      if (predictor.methods.includes(method)) continue;
      throw trimaranError("MODEL_METHOD", { method, methods: predictor.methods.join(", ") });
    }
  }
  const service = deploymentService({ opened, models, identity: await identityOf(models), fixed: chosen.fixed });
  if (options.verify !== false) await assertFits(service, file);
  return service;
}

interface LoadContext {
  readonly definition: ResolvedDeployment;
  readonly options: OpenServiceOptions;
}

async function loadModels(
  line: ModelLine,
  { definition, options }: LoadContext,
): Promise<[NamedModel, ...NamedModel[]]> {
  const { estimators, name: deployment } = definition;
  const {
    maxModelBytes: maxBytes,
    limits,
    threads,
    place,
    cache,
    open = modelOpener(cache),
    tracking,
    members = [],
  } = options;
  const settings = { maxBytes, limits, threads, place, estimators, tracking };
  const load = async (name: string | null, uris: readonly string[]): Promise<NamedModel> => {
    const origin = await open(uris, settings);
    return { name, origin, predictor: origin.predictor, signature: origin.facts.signature };
  };
  if (line.kind !== "record") return [await load(null, modelUris(line, { name: deployment, members }))];
  if (members.length > 0) {
    throw trimaranError("MODEL_OVERRIDE", { source: "--member", name: deployment, what: "several models" });
  }
  const [first, ...others] = Object.entries(line.uris);
  const models: [NamedModel, ...NamedModel[]] = [await load(first![0], [first![1]])];
  for (const [name, uri] of others) models.push(await load(name, [uri]));
  return models;
}

/** @throws MODEL_OVERRIDE for members of several steps */
function modelUris(
  line: Exclude<ModelLine, { readonly kind: "record" }>,
  { name, members }: { readonly name: string; readonly members: readonly string[] },
): readonly string[] {
  if (line.kind === "single") return [withMembers(line.uri, members)];
  if (members.length > 0) {
    throw trimaranError("MODEL_OVERRIDE", { source: "--member", name, what: "steps" });
  }
  return line.uris;
}

/** @throws CHECK_FAILED with every issue */
async function assertFits(service: PredictionService, file: string): Promise<void> {
  const { issues } = await service.check();
  if (issues.length > 0) throw trimaranError("CHECK_FAILED", { name: file, count: issues.length }, { issues });
}

export function isModelUri(target: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(target) && !/^file:/i.test(target);
}

// What a unit is made of, as digests: the name of its run, and whether shards or results of an earlier run are of the same.
import { createHash } from "node:crypto";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { Manifest, ManifestModel } from "./ports.ts";

export interface UnitParts {
  readonly inputs: readonly { readonly name: string; readonly digest: string }[];
  readonly service: Pick<PredictionService, "models" | "definitionDigest">;
  readonly period: string | null;
}

/** 12 hex digits: equal where inputs, definition, models and period are. */
export function runId({ inputs, service, period }: UnitParts): string {
  const hash = createHash("sha256");
  for (const { digest } of inputs) hash.update(`input ${digest}\n`);
  hash.update(`definition ${service.definitionDigest ?? "none"}\n`);
  for (const { name, digest } of service.models) hash.update(`model ${name} ${digest}\n`);
  return hash
    .update(`period ${period ?? "none"}\n`)
    .digest("hex")
    .slice(0, 12);
}

export function manifestModels({ models }: Pick<PredictionService, "models">): readonly ManifestModel[] {
  return models.map(({ name, uri, version, digest }) => ({
    name,
    uri: uri.replace(/\/\/[^/@]*@/, "//"),
    version,
    digest,
  }));
}

/** Over everything that decides about the bytes of shards. */
export function fingerprint(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A sentence about the first thing that is not as it was; null: the same all over. */
export function whatChanged(published: Manifest, { inputs, service, period }: UnitParts): string | null {
  if (published.period !== period) return `the period is another one (was ${published.period ?? "none"})`;
  const models = manifestModels(service);
  for (const { name, digest, version } of models) {
    const was = published.models.find((each) => each.name === name);
    if (was === undefined) return `the model ${name} is new`;
    if (was.digest !== digest) return `the model is another one (${said(version)}, was ${said(was.version)})`;
    if (was.version !== version) return `the model has another version (${said(version)}, was ${said(was.version)})`;
  }
  if (models.length !== published.models.length) return "the models are others";
  if (published.definition_digest !== service.definitionDigest) return "the definition changed";
  for (const { name, digest } of inputs) {
    const was = published.inputs.find((each) => each.name === name);
    if (was === undefined) return `the input ${name} is new`;
    if (digest === "") return `whether the input ${name} changed is known when it is read`;
    if (was.digest !== digest) return `the input ${name} changed`;
  }
  return inputs.length === published.inputs.length ? null : "an input is gone";
}

function said(version: string | null): string {
  return version === null ? "no version" : `version ${version}`;
}

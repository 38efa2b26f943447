// Which model is meant: `--model` > MODEL_URI > RUN_ID > the definition. Pure: the environment is handed in.
import { dirname, resolve } from "node:path";
import { trimaranError } from "../base/errors.ts";
import type { ModelLine, ResolvedDeployment } from "./resolved-deployment.ts";

export interface ModelSources {
  /** `--model URI`, or for a record of models `--model name=URI` by name. */
  readonly flag?: string | Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The definition's file: relative paths in it are relative to it. */
  readonly file: string;
}

export interface ChosenModel {
  readonly line: ModelLine;
  readonly source: "--model" | "MODEL_URI" | "RUN_ID" | "definition";
  /**
   * The definition itself names this very model by a path, a run or a fixed version: then the outputs of its examples were
   * recorded for it.
   */
  readonly fixed: boolean;
}

/**
 * @throws MODEL_NONE when nobody names a model
 * @throws MODEL_OVERRIDE when a list or record of models would be replaced by one
 * @throws MODEL_RUN_ID when the definition uses `$RUN_ID` and there is none
 */
export function resolveModelUri(
  definition: Pick<ResolvedDeployment, "name" | "model">,
  sources: ModelSources,
): ChosenModel {
  const { name, model } = definition;
  const runId = sources.env["RUN_ID"] || null;
  const override = findOverride(sources, runId !== null && !usesRunId(model) ? runId : null);
  if (override === null) {
    if (model === null) throw trimaranError("MODEL_NONE", { name });
    const line = mapUris(model, (uri) => fromFile(fillRunId(uri, runId, name), sources.file));
    return { line, source: "definition", fixed: !usesRunId(model) && urisOf(model).every(isFixedUri) };
  }
  const { source } = override;
  const value = model?.kind === "record" ? override.value : singleUri(override.value);
  if (typeof value === "string") {
    if (model !== null && model.kind !== "single") {
      throw trimaranError("MODEL_OVERRIDE", {
        name,
        source,
        what: model.kind === "steps" ? "steps" : "several models",
      });
    }
    return { line: { kind: "single", uri: value }, source, fixed: false };
  }
  if (model?.kind !== "record") throw trimaranError("MODEL_OVERRIDE", { name, source, what: "no record of models" });
  const strange = Object.keys(value).find((each) => !Object.hasOwn(model.uris, each));
  if (strange !== undefined) throw trimaranError("MODEL_OVERRIDE", { name, source, what: `no model ${strange}` });
  const entries = Object.entries(model.uris).map(([each, uri]) => [
    each,
    value[each] ?? fromFile(fillRunId(uri, runId, name), sources.file),
  ]);
  return { line: { kind: "record", uris: Object.fromEntries(entries) }, source, fixed: false };
}

interface Override {
  readonly source: Exclude<ChosenModel["source"], "definition">;
  readonly value: string | Readonly<Record<string, string>>;
}

function findOverride({ flag, env }: ModelSources, runId: string | null): Override | null {
  if (flag !== undefined) return { source: "--model", value: flag };
  if (env["MODEL_URI"]) return { source: "MODEL_URI", value: env["MODEL_URI"] };
  return runId === null ? null : { source: "RUN_ID", value: `runs:/${runId}/model` };
}

const runIdSlot = /\$RUN_ID\b|\$\{RUN_ID\}/g;

function usesRunId(model: ModelLine | null): boolean {
  return model !== null && urisOf(model).some((uri) => uri.search(runIdSlot) >= 0);
}

function fillRunId(uri: string, runId: string | null, name: string): string {
  return uri.replace(runIdSlot, () => {
    if (runId === null) throw trimaranError("MODEL_RUN_ID", { name });
    return runId;
  });
}

/** A scheme has two letters at least, so that `C:\models` is a path. */
export function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text);
}

function fromFile(uri: string, file: string): string {
  return isUri(uri) ? uri : resolve(dirname(file), uri);
}

function isFixedUri(uri: string): boolean {
  return (
    !isUri(uri) ||
    /^file:/i.test(uri) ||
    /^runs:\/+[^/]+\//.test(uri) ||
    /^models:\/+(m-\w+|[^/@]+\/\d+)$/.test(uri) ||
    /^oip\+[^?]*\/versions\/[^/]+/i.test(uri)
  );
}

function urisOf(model: ModelLine): readonly string[] {
  return model.kind === "single" ? [model.uri] : Object.values(model.uris);
}

function mapUris(model: ModelLine, change: (uri: string) => string): ModelLine {
  switch (model.kind) {
    case "single":
      return { kind: "single", uri: change(model.uri) };
    case "steps":
      return { kind: "steps", uris: model.uris.map(change) };
    case "record": {
      const entries = Object.entries(model.uris).map(([name, uri]) => [name, change(uri)]);
      return { kind: "record", uris: Object.fromEntries(entries) };
    }
  }
}

/** Where there is but one model, `lr=0.1.pkl` is a file's name. */
export function singleUri(value: string | Readonly<Record<string, string>>): string | Readonly<Record<string, string>> {
  if (typeof value === "string") return value;
  const [only, ...more] = Object.entries(value);
  return only === undefined || more.length > 0 ? value : only.join("=");
}

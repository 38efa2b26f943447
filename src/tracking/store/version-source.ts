// What a new version may point at, and where its files lie. A source is read by whoever opens the model, so it is checked here.

import { isTrimaranError } from "../../base/errors.ts";
import type { Statements } from "../../io/sql/database.ts";
import { parseMlflowUri, schemeOf } from "../../mlflow/uri.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { assertPlain } from "./experiment-location.ts";
import { loggedModelRow } from "./logged-models.ts";
import { versionRow } from "./model-versions.ts";
import { optionalText, textOf } from "./rows.ts";
import { runRow } from "./runs.ts";

const maxSourceChars = 500;

export interface VersionSource {
  /** Where the files lie; null: at the source itself. */
  readonly location: string | null;
  readonly runId: string;
}

export interface SourceRequest {
  readonly source: string;
  readonly runId: string;
  readonly isPrompt: boolean;
  readonly allowedLocations: readonly string[];
}

/** @throws WireError */
export async function checkedSource(statements: Statements, request: SourceRequest): Promise<VersionSource> {
  const { source, runId, isPrompt, allowedLocations } = request;
  if (source.length > maxSourceChars) throw invalidSource(`it is longer than ${maxSourceChars} characters`);
  if (isPrompt) return { location: null, runId };
  const scheme = schemeOf(source);
  if (scheme === "models") return modelSource(statements, source, runId);
  if (scheme === "runs") return runSource(statements, source, runId);
  if (isLocal(source)) return localSource(statements, request);
  if (climbs(source)) {
    throw invalidParameter(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present.`,
    );
  }
  assertPlain(source);
  if (runId !== "") {
    const roots = await rootsOf(statements, runId);
    if (!roots.some((each) => isWithin(source, each))) {
      throw invalidSource("the run_id request parameter must identify the resource that contains the source");
    }
    return { location: source, runId };
  }
  // A host in it would be another server's.
  const isServed = /^mlflow-artifacts:\/(?!\/)/.test(source) || scheme === "s3";
  if (!isServed && !allowedLocations.some((each) => isWithin(source, each))) {
    throw invalidSource(
      "it must be 'models:/m-…', 'runs:/…', 's3://…' or 'mlflow-artifacts:/…', or lie inside the run that run_id names",
    );
  }
  return { location: source, runId };
}

/** Where a run's files lie, and those of the models that it made. @throws WireError */
async function rootsOf(statements: Statements, runId: string): Promise<readonly string[]> {
  const root = textOf(await runRow(statements, runId), "artifact_uri");
  const models = await statements.query("SELECT artifact_location FROM logged_models WHERE source_run_id = ?", [runId]);
  return [root, ...models.map((row) => textOf(row, "artifact_location"))];
}

function isLocal(source: string): boolean {
  return /^(?:file:|[/\\.]|[^:]*$)/i.test(source);
}

/** However it is encoded. */
function climbs(source: string): boolean {
  return /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\]|%2f|%5c)|%00|\0/i.test(source);
}

/** A path of this machine must lie where the run's files do, once it is walked to its end. */
async function localSource(
  statements: Statements,
  { source, runId, allowedLocations }: SourceRequest,
): Promise<VersionSource> {
  const path = localPath(source);
  if (path !== null) {
    for (const root of runId === "" ? allowedLocations : await rootsOf(statements, runId)) {
      const base = isLocal(root) ? localPath(root) : null;
      if (base !== null && isWithin(path, base)) return { location: below(root, path.slice(base.length)), runId };
    }
  }
  throw invalidParameter(
    `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
  );
}

function below(root: string, rest: string): string {
  return `${root.replace(/\/+$/, "")}${/^file:/i.test(root) ? encodeURI(rest) : rest}`;
}

/** Without what leads up and nowhere; null where it is no plain absolute path. */
function localPath(source: string): string | null {
  const [, scheme, written] = /^(file:(?:\/\/(?:localhost)?)?)?(\/.*)$/i.exec(source) ?? [];
  const path = scheme === undefined ? written : decoded(written ?? "");
  if (path === undefined || /[%?#;\\]|\p{Cc}/u.test(path)) return null;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return `/${parts.join("/")}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isWithin(source: string, root: string): boolean {
  const base = root.replace(/\/+$/, "");
  return base !== "" && (source === base || source.startsWith(`${base}/`));
}

async function modelSource(statements: Statements, source: string, runId: string): Promise<VersionSource> {
  const uri = parsed(source);
  if (uri.kind === "logged-model") {
    const row = await loggedModelRow(statements, uri.modelId);
    return { location: textOf(row, "artifact_location"), runId: optionalText(row, "source_run_id") ?? runId };
  }
  if (uri.kind === "version") {
    const row = await versionRow(statements, uri.name, Number(uri.version));
    return {
      location: optionalText(row, "storage_location") ?? textOf(row, "source"),
      runId: runId || textOf(row, "run_id"),
    };
  }
  throw invalidSource("it must name a logged model or a version");
}

async function runSource(statements: Statements, source: string, runId: string): Promise<VersionSource> {
  const uri = parsed(source);
  if (uri.kind !== "run") throw invalidSource("it must be 'runs:/RUN_ID/path'");
  if (runId !== "" && runId !== uri.runId)
    throw invalidSource("the run_id request parameter must identify the resource that contains the source");
  const row = await runRow(statements, uri.runId);
  return { location: `${textOf(row, "artifact_uri")}/${uri.path}`, runId: uri.runId };
}

function parsed(source: string): ReturnType<typeof parseMlflowUri> {
  try {
    return parseMlflowUri(source);
  } catch (error) {
    if (isTrimaranError(error))
      throw new WireError("INVALID_PARAMETER_VALUE", "Invalid model version source: it is no model URI.", error);
    throw error;
  }
}

function invalidSource(problem: string): WireError {
  return invalidParameter(`Invalid model version source: ${problem}.`);
}

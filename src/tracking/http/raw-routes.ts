// Routes that do not speak JSON: health, version, the page at `/`, and files of artifacts both ways.

import { endpointTable } from "../../mlflow/endpoint-table.ts";
import { assertVersion } from "../../mlflow/wire/limits.ts";
import { missingParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { servedSegments } from "../artifacts/artifact-location.ts";
import { artifactSegments, invalidPath } from "../artifacts/artifact-path.ts";
import { mediaTypeOf } from "../artifacts/media-type.ts";
import type { TrackingContext } from "../handlers/handler.ts";
import { loggedModelRow } from "../store/logged-models.ts";
import { versionRow } from "../store/model-versions.ts";
import { optionalText, textOf } from "../store/rows.ts";
import { activeRunRow, runRow } from "../store/runs.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer, securityHeaders, textAnswer } from "./exchange.ts";
import type { Router } from "./router.ts";

/** The version of MLflow whose protocol and schema this server speaks: clients decide by it what they may ask. */
export const spokenVersion = "3.18.0";

export interface RawCall {
  readonly request: HttpRequest;
  readonly query: URLSearchParams;
  readonly parameters: Readonly<Record<string, string>>;
  readonly context: TrackingContext;
}

export type RawRoute = (call: RawCall) => Promise<HttpAnswer>;

export function addRawRoutes(router: Pick<Router<{ readonly raw: RawRoute }>, "add" | "addPath">, page: string): void {
  router.addPath("GET", "/", { raw: async () => textAnswer(200, page) });
  router.add(endpointTable.getHealth, { raw: async () => textAnswer(200, "OK") });
  router.add(endpointTable.getVersion, { raw: async () => textAnswer(200, spokenVersion) });
  router.add(endpointTable.downloadArtifact, {
    raw: ({ context, parameters }) => download(context, artifactSegments(parameters["artifact_path"] ?? "")),
  });
  router.add(endpointTable.uploadArtifact, {
    raw: async ({ context, parameters, request }) => {
      await context.artifacts.write(artifactSegments(parameters["artifact_path"] ?? ""), request.body);
      return jsonAnswer(200, "{}");
    },
  });
  router.add(endpointTable.getRunArtifact, {
    raw: async ({ context, query }) => {
      const runId = query.get("run_id") || query.get("run_uuid") || "";
      const path = requiredPath(query);
      if (runId === "") throw missingParameter("run_id");
      return download(
        context,
        servedSegments(textOf(await runRow(context.store.database, runId), "artifact_uri"), path),
      );
    },
  });
  router.add(endpointTable.getLoggedModelArtifact, {
    raw: async ({ context, query, parameters }) => {
      const path = requiredPath(query, "artifact_file_path");
      const row = await loggedModelRow(context.store.database, parameters["model_id"] ?? "");
      return download(context, servedSegments(textOf(row, "artifact_location"), path));
    },
  });
  router.add(endpointTable.getModelVersionArtifact, {
    raw: async ({ context, query }) => {
      const [name, version, path] = [query.get("name") ?? "", query.get("version") ?? "", requiredPath(query)];
      const row = await versionRow(context.store.database, name, assertVersion(version));
      return download(context, servedSegments(optionalText(row, "storage_location") ?? "", path));
    },
  });
  router.add(endpointTable.uploadRunArtifact, {
    raw: async ({ context, query, request }) => {
      const runId = query.get("run_uuid") || query.get("run_id") || "";
      const path = requiredPath(query);
      if (runId === "") throw missingParameter("run_uuid");
      const segments = servedSegments(textOf(await activeRunRow(context.store.database, runId), "artifact_uri"), path);
      await context.artifacts.write(segments, request.body);
      return textAnswer(200, "");
    },
  });
}

export function requiredPath(query: URLSearchParams, name = "path"): string {
  const path = query.get(name) ?? "";
  if (artifactSegments(path).length === 0) throw invalidPath();
  return path;
}

export async function download({ artifacts }: TrackingContext, segments: readonly string[]): Promise<HttpAnswer> {
  const file = segments.length === 0 ? null : await artifacts.open(segments);
  const name = segments.at(-1) ?? "";
  if (file === null)
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `There is no artifact '${name.slice(0, 255)}' at this path.`);
  const headers = {
    ...securityHeaders,
    "content-type": mediaTypeOf(name),
    "content-length": String(file.size),
    "content-disposition": `attachment; filename="${name.replace(/[^\x20-\x7e]|["\\]/g, "_")}"; filename*=UTF-8''${encodeURIComponent(name)}`,
  };
  return { status: 200, headers, body: file.body };
}

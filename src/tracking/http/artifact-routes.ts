// Routes of files: the proxy's both ways, those that the user interface reads, and URLs that this server signed.
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import { assertVersion } from "../../mlflow/wire/limits.ts";
import { invalidParameter, missingParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import type { ArtifactPlace } from "../artifacts/artifact-location.ts";
import { artifactSegments, invalidPath } from "../artifacts/artifact-path.ts";
import { signedPath } from "../artifacts/signed-path.ts";
import { loggedModelRow } from "../store/logged-models.ts";
import { versionRow } from "../store/model-versions.ts";
import { optionalText, textOf } from "../store/rows.ts";
import { activeRunRow, runRow } from "../store/runs.ts";
import { artifactAnswer } from "./artifact-answer.ts";
import { jsonAnswer, securityHeaders, textAnswer } from "./exchange.ts";
import { expectedBody } from "./expected-body.ts";
import type { RawCall, RawRouter } from "./raw-call.ts";
import { traceArtifact } from "./trace-artifact.ts";

/** What MLflow takes through the route of its user interface. */
const maxPageUploadBytes = 10 * 1024 * 1024;

export function addArtifactRoutes(router: RawRouter): void {
  router.add(endpointTable.downloadArtifact, { raw: async (call) => artifactAnswer(call.request, proxied(call)) });
  router.add(endpointTable.uploadArtifact, {
    raw: async (call) => {
      const { store, segments } = proxied(call);
      await store.write(segments, call.request.body, expectedBody(call.request));
      return jsonAnswer(200, "{}");
    },
  });
  router.add(endpointTable.getRunArtifact, {
    raw: async ({ context, query, request }) => {
      const runId = query.get("run_id") || query.get("run_uuid") || "";
      const path = requiredPath(query);
      if (runId === "") throw missingParameter("run_id");
      const location = textOf(await runRow(context.store.database, runId), "artifact_uri");
      return artifactAnswer(request, context.artifacts.at(location, path));
    },
  });
  router.add(endpointTable.getLoggedModelArtifact, {
    raw: async ({ context, query, parameters, request }) => {
      const path = requiredPath(query, "artifact_file_path");
      const row = await loggedModelRow(context.store.database, parameters["model_id"] ?? "");
      return artifactAnswer(request, context.artifacts.at(textOf(row, "artifact_location"), path));
    },
  });
  router.add(endpointTable.getTraceArtifact, { raw: traceArtifact });
  router.add(endpointTable.getModelVersionArtifact, {
    raw: async ({ context, query, request }) => {
      const [name, version, path] = [query.get("name") ?? "", query.get("version") ?? "", requiredPath(query)];
      const row = await versionRow(context.store.database, name, assertVersion(version));
      return artifactAnswer(request, context.artifacts.at(optionalText(row, "storage_location") ?? "", path));
    },
  });
  router.add(endpointTable.uploadRunArtifact, {
    raw: async ({ context, query, request }) => {
      const runId = query.get("run_uuid") || query.get("run_id") || "";
      if (runId === "") throw invalidParameter("Request must specify run_uuid.");
      if (!query.get("path")) throw invalidParameter("Request must specify path.");
      const path = requiredPath(query);
      if (request.header("content-length") === "0") throw invalidParameter("Request must specify data.");
      const location = textOf(await activeRunRow(context.store.database, runId), "artifact_uri");
      const { store, segments } = context.artifacts.at(location, path);
      await store.write(segments, request.body, { ...expectedBody(request), maxBytes: maxPageUploadBytes });
      return textAnswer(200, "");
    },
  });
  router.addPath("GET", `${signedPath}/{act}/{artifact_path...}`, { raw: signed });
  router.addPath("PUT", `${signedPath}/{act}/{artifact_path...}`, { raw: signed });
}

/** No account is asked for: the signature is the permission. */
async function signed(call: RawCall): ReturnType<typeof artifactAnswer> {
  const { context, parameters, query, request } = call;
  const { store, segments } = proxied(call);
  const thing = context.signing?.verify(parameters["act"] ?? "", segments, query) ?? null;
  const isWrite = request.method === "PUT";
  if (thing === null || (thing.act === "read") === isWrite) {
    throw new WireError("PERMISSION_DENIED", "The URL was not signed by this server, or it has expired.");
  }
  if (thing.act === "read") return artifactAnswer(request, { store, segments });
  if (thing.act === "write") {
    await store.write(segments, request.body, expectedBody(request));
    return jsonAnswer(200, "{}");
  }
  if (thing.upload === undefined || thing.number === undefined) throw invalidParameter("The URL names no part.");
  const etag = await store.writePart({ path: segments, upload: thing.upload, number: thing.number }, request.body);
  return { status: 200, headers: { ...securityHeaders, etag }, body: "" };
}

function proxied({ context, parameters }: RawCall): ArtifactPlace {
  return { store: context.artifacts.served, segments: artifactSegments(parameters["artifact_path"] ?? "") };
}

function requiredPath(query: URLSearchParams, name = "path"): string {
  const path = query.get(name) ?? "";
  if (artifactSegments(path).length === 0) throw invalidPath();
  return path;
}

// A trace's spans as the file that the user interface shows, and what was attached to them.
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { textOf } from "../store/rows.ts";
import { spanContents } from "../store/spans.ts";
import { locationOf, traceRow } from "../store/traces.ts";
import { artifactAnswer } from "./artifact-answer.ts";
import { securityHeaders } from "./exchange.ts";
import type { RawRoute } from "./raw-call.ts";

const dataFile = "traces.json";

export const traceArtifact: RawRoute = async ({ request, query, context }) => {
  const { store, artifacts } = context;
  const id = query.get("request_id") ?? "";
  if (id === "") throw new WireError("BAD_REQUEST", 'Request must include the "request_id" query parameter.');
  const path = query.get("path") ?? "";
  const row = await traceRow(store.database, id);
  if (path === "") {
    const contents = await spanContents(store.database, id);
    if (contents.length > 0) return fileAnswer(`{"spans": [${contents.join(", ")}]}`);
  } else if (!/^[\w-][\w.-]{0,254}$/.test(path)) throw new WireError("INVALID_PARAMETER_VALUE", "Invalid path");
  // Older clients wrote their spans there by themselves.
  const location = await locationOf(store.database, textOf(row, "request_id"));
  if (location === null)
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Trace with id=${id.slice(0, 100)} has no data.`);
  return artifactAnswer(request, artifacts.at(location, path === "" ? dataFile : `attachments/${path}`));
};

function fileAnswer(body: string): Awaited<ReturnType<RawRoute>> {
  return {
    status: 200,
    headers: {
      ...securityHeaders,
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${dataFile}"`,
      "content-security-policy": "sandbox; default-src 'none'",
    },
    body,
  };
}

// `--artifacts-only`: what such a server answers, and what it says to everything else.
import type { EndpointName } from "../../mlflow/endpoint-table.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { signedPath } from "../artifacts/signed-path.ts";
import type { RawRoute } from "./raw-call.ts";

const endpoints: readonly EndpointName[] = [
  "downloadArtifact",
  "uploadArtifact",
  "listProxyArtifacts",
  "deleteArtifact",
  "createMultipartUpload",
  "completeMultipartUpload",
  "abortMultipartUpload",
  "getProxyPresignedUrl",
  "getServerInfo",
  "getHealth",
  "getVersion",
];

export const artifactsOnlyRoutes: ReadonlySet<string> = new Set([
  ...endpoints,
  "/",
  `${signedPath}/{act}/{artifact_path...}`,
]);

export const onlyArtifacts: RawRoute = async () => {
  throw new WireError(
    "NOT_IMPLEMENTED",
    "This server runs with --artifacts-only: it keeps artifacts and nothing else.",
  );
};

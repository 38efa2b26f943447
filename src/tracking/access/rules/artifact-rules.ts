// Artifacts: of a run, a logged model or a version by its right, and by path through whose experiment keeps them there.
import type { Right } from "../permission.ts";
import { allow, onModel, onRun, type Rules } from "../rule.ts";

const onPath = (right: Right) =>
  allow(({ artifact_path }: { readonly artifact_path: string }, reach) => reach.path(artifact_path, right));

type ArtifactEndpoint =
  | "listArtifacts"
  | "createPresignedDownloadUrl"
  | "createPresignedUploadUrl"
  | "downloadArtifact"
  | "listProxyArtifacts"
  | "getProxyPresignedUrl"
  | "uploadArtifact"
  | "createMultipartUpload"
  | "completeMultipartUpload"
  | "abortMultipartUpload"
  | "deleteArtifact"
  | "getRunArtifact"
  | "uploadRunArtifact"
  | "getModelVersionArtifact";

export const artifactRules: Rules<ArtifactEndpoint> = {
  listArtifacts: onRun("read"),
  createPresignedDownloadUrl: onRun("read"),
  createPresignedUploadUrl: allow(async (request: { readonly run_id?: string; readonly model_id?: string }, reach) => {
    if (request.run_id) await reach.run(request.run_id, "update");
    if (request.model_id) await reach.loggedModel(request.model_id, "update");
  }),
  downloadArtifact: onPath("read"),
  listProxyArtifacts: allow(({ path = "" }: { readonly path?: string }, reach) => reach.path(path, "read")),
  getProxyPresignedUrl: onPath("read"),
  uploadArtifact: onPath("update"),
  createMultipartUpload: onPath("update"),
  completeMultipartUpload: onPath("update"),
  abortMultipartUpload: onPath("update"),
  deleteArtifact: onPath("manage"),
  getRunArtifact: onRun("read"),
  uploadRunArtifact: onRun("update"),
  getModelVersionArtifact: onModel("read"),
};

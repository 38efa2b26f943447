// The endpoints of MLflow's artifacts.

import { abortMultipartUpload } from "./artifacts/abort-multipart-upload.ts";
import { completeMultipartUpload } from "./artifacts/complete-multipart-upload.ts";
import { createMultipartUpload } from "./artifacts/create-multipart-upload.ts";
import { createPresignedDownloadUrl } from "./artifacts/create-presigned-download-url.ts";
import { createPresignedUploadUrl } from "./artifacts/create-presigned-upload-url.ts";
import { deleteArtifact } from "./artifacts/delete-artifact.ts";
import { downloadArtifact } from "./artifacts/download-artifact.ts";
import { getProxyPresignedUrl } from "./artifacts/get-proxy-presigned-url.ts";
import { listArtifacts } from "./artifacts/list-artifacts.ts";
import { listProxyArtifacts } from "./artifacts/list-proxy-artifacts.ts";
import { uploadArtifact } from "./artifacts/upload-artifact.ts";

export const artifactsEndpoints: {
  readonly listArtifacts: typeof listArtifacts;
  readonly createPresignedUploadUrl: typeof createPresignedUploadUrl;
  readonly createPresignedDownloadUrl: typeof createPresignedDownloadUrl;
  readonly downloadArtifact: typeof downloadArtifact;
  readonly uploadArtifact: typeof uploadArtifact;
  readonly listProxyArtifacts: typeof listProxyArtifacts;
  readonly deleteArtifact: typeof deleteArtifact;
  readonly createMultipartUpload: typeof createMultipartUpload;
  readonly completeMultipartUpload: typeof completeMultipartUpload;
  readonly abortMultipartUpload: typeof abortMultipartUpload;
  readonly getProxyPresignedUrl: typeof getProxyPresignedUrl;
} = {
  listArtifacts,
  createPresignedUploadUrl,
  createPresignedDownloadUrl,
  downloadArtifact,
  uploadArtifact,
  listProxyArtifacts,
  deleteArtifact,
  createMultipartUpload,
  completeMultipartUpload,
  abortMultipartUpload,
  getProxyPresignedUrl,
};

// Artifacts: listings and deletions. Files themselves are streamed by http/raw-routes.ts.
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { servedSegments } from "../artifacts/artifact-location.ts";
import { artifactSegments, assertDeletable } from "../artifacts/artifact-path.ts";
import type { ArtifactEntry } from "../artifacts/artifact-store.ts";
import { textOf } from "../store/rows.ts";
import { runRow } from "../store/runs.ts";
import type { Handlers } from "./handler.ts";

export const artifactHandlers: Handlers<"listArtifacts" | "listProxyArtifacts" | "deleteArtifact"> = {
  listArtifacts: async ({ run_id, path = "" }, { store, artifacts }) => {
    artifactSegments(path);
    const location = textOf(await runRow(store.database, run_id), "artifact_uri");
    const entries = await artifacts.list(servedSegments(location, path));
    return {
      root_uri: location,
      files: (entries ?? []).map((entry) => fileInfo(entry, path === "" ? "" : `${path}/`)),
    };
  },
  // Names are relative to the folder.
  listProxyArtifacts: async ({ path = "" }, { artifacts }) => {
    const entries = await artifacts.list(artifactSegments(path));
    return { files: (entries ?? []).map((entry) => fileInfo(entry, "")) };
  },
  deleteArtifact: async ({ artifact_path }, { artifacts }) => {
    const segments = artifactSegments(artifact_path);
    assertDeletable(segments);
    await artifacts.remove(segments);
    return {};
  },
};

export function fileInfo({ name, isFolder, size }: ArtifactEntry, before: string): MessageInput<"FileInfo"> {
  return { path: before + name, is_dir: isFolder, ...(isFolder ? {} : { file_size: size }) };
}

// What the server says of itself.
import type { Handlers } from "./handler.ts";

export const serverHandlers: Handlers<"getServerInfo"> = {
  getServerInfo: async (_, { tells, artifacts }) => ({
    store_type: "SqlStore",
    workspaces_enabled: false,
    trace_archival_enabled: false,
    artifact_serving_enabled: artifacts.isServed,
    multipart_uploads_enabled: tells.multipartUploads,
    multipart_downloads_enabled: tells.multipartDownloads,
  }),
};

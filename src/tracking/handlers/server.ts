// What the server says of itself.
import type { Handlers } from "./handler.ts";

export const serverHandlers: Handlers<"getServerInfo"> = {
  getServerInfo: async () => ({
    store_type: "SqlStore",
    workspaces_enabled: false,
    trace_archival_enabled: false,
    multipart_uploads_enabled: false,
    multipart_downloads_enabled: false,
  }),
};

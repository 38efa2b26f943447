// A tracking server with accounts, and what its users ask.
import { join } from "node:path";
import type { Permission } from "../../src/tracking/access/permission.ts";
import type { TrackingOptions } from "../../src/tracking/open-tracking.ts";
import { type Answer, type TestServer, trackingServer } from "./tracking-server.ts";

export const adminPassword = "administrators-own";

export interface AccessServer extends TestServer {
  /** As a user whose password is `<name>-password-1`; `admin` has its own; null: nobody. */
  as(user: string | null, method: string, target: string, body?: unknown): Promise<Answer>;
  /** Makes a user. */
  user(name: string): Promise<void>;
}

export async function accessServer(
  defaultPermission: Permission = "NO_PERMISSIONS",
  options: Partial<TrackingOptions> = {},
): Promise<AccessServer> {
  const env = { MLFLOW_AUTH_ADMIN_PASSWORD: adminPassword, ...options.env };
  const folder = join(import.meta.dirname, "none");
  const server = await trackingServer({ ...options, env, access: { folder, defaultPermission } });
  const as = (user: string | null, method: string, target: string, body?: unknown): Promise<Answer> =>
    server.ask(method, target, body, user === null ? {} : { authorization: basic(user) });
  return {
    ...server,
    as,
    user: async (username) => {
      const password = `${username}-password-1`;
      const { status, text } = await as("admin", "POST", "/api/2.0/mlflow/users/create", { username, password });
      if (status !== 200) throw new Error(text);
    },
  };
}

export function basic(user: string, password = user === "admin" ? adminPassword : `${user}-password-1`): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

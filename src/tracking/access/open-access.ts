// Opens the accounts, and makes the first administrator: with the password of the environment, or one of our own in a file that
// only the owner may read. There is no password that everybody knows.
import { randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { type AccessStore, openAccessStore } from "./access-store.ts";

export interface OpenedAccess {
  readonly access: AccessStore;
  /** For the operator; null: nothing new. */
  readonly notice: string | null;
}

/** @throws TRACKING_ADMIN, STORE_* */
export async function openAccess(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenedAccess> {
  const access = await openAccessStore(file);
  try {
    return { access, notice: (await access.users()).length > 0 ? null : await firstAdmin(access, file, env) };
  } catch (error) {
    await access.close();
    if (error instanceof WireError)
      throw trimaranError("TRACKING_ADMIN", { problem: error.message.replace(/\.$/, "") });
    throw error;
  }
}

async function firstAdmin(
  access: AccessStore,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const username = env["MLFLOW_AUTH_ADMIN_USERNAME"] || "admin";
  const given = env["MLFLOW_AUTH_ADMIN_PASSWORD"];
  const path = join(dirname(file), "admin.credentials");
  const password = given || (await ownPassword(path, username));
  try {
    await access.createUser(username, password, true);
  } catch (error) {
    // Another process was faster, with the same file.
    if (!(error instanceof WireError) || error.errorCode !== "RESOURCE_ALREADY_EXISTS") throw error;
  }
  const where = given ? "has the password of MLFLOW_AUTH_ADMIN_PASSWORD" : `has its password in ${path}`;
  return `The first administrator, ${username}, ${where}.`;
}

/** In the form of MLflow's own `~/.mlflow/credentials`. */
async function ownPassword(path: string, username: string): Promise<string> {
  const password = randomBytes(24).toString("base64url");
  try {
    const handle = await open(path, "wx", 0o600);
    try {
      await handle.writeFile(
        `[mlflow]\nmlflow_tracking_username = ${username}\nmlflow_tracking_password = ${password}\n`,
      );
    } finally {
      await handle.close();
    }
    return password;
  } catch (cause) {
    const known = /^mlflow_tracking_password = (.{12,})$/m.exec(await readFile(path, "utf8").catch(() => ""))?.[1];
    if (known !== undefined) return known;
    const problem = `${path} cannot be written (${(cause as NodeJS.ErrnoException).code ?? "it failed"})`;
    throw trimaranError("TRACKING_ADMIN", { problem }, { cause });
  }
}

// The repository extension: which models there are, and who may load and unload them.
import { createHash, timingSafeEqual } from "node:crypto";
import { trimaranError } from "../../../base/errors.ts";
import type { ModelStatus } from "../../../serving/catalog.ts";
import { isLoopback } from "../access.ts";
import type { Door } from "../door.ts";

export function repositoryIndex({ catalog }: Door, { ready }: { readonly ready: boolean }): readonly ModelStatus[] {
  const statuses = catalog.statuses();
  return ready ? statuses.filter(({ state }) => state === "READY") : statuses;
}

/** Nobody else can reach a door on loopback without keys; elsewhere the admin token is needed. @throws REPOSITORY_DENIED */
export function assertMayChange({ options }: Door, authorization: string | undefined): void {
  if (isLoopback(options.host) && options.apiKeys.length === 0) return;
  const sent = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? "";
  const { adminToken } = options;
  if (adminToken === undefined || adminToken === "" || !timingSafeEqual(digest(sent), digest(adminToken))) {
    throw trimaranError("REPOSITORY_DENIED", {});
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Of all that a caller may want to tell, nothing changes what is loaded. @throws OIP_PARAMETER */
export function assertNoSettings(names: readonly string[]): void {
  const given = names.find((name) => name !== "unload_dependents");
  if (given === undefined) return;
  throw trimaranError("OIP_PARAMETER", {
    parameter: given,
    problem: "a model is loaded from where it is served",
    expected: "`unload_dependents` alone",
  });
}

/** @throws REQUEST_NO_SERVICE, REPOSITORY_FIXED, and what loading throws: what served goes on */
export async function changeModel(door: Door, name: string, change: "load" | "unload"): Promise<void> {
  const { catalog } = door;
  if (!catalog.names.includes(name)) throw trimaranError("REQUEST_NO_SERVICE", { name });
  const run = catalog[change];
  if (run === undefined) throw trimaranError("REPOSITORY_FIXED", { name });
  await run(name);
}

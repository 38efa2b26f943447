// Flags of `serve` that are about its processes, and what they say as options.

import { trimaranError } from "../base/errors.ts";
import type { FleetOptions } from "../doors/web/fleet/fleet-options.ts";
import { joinWatchers, type ModelWatcher } from "../loaders/model-watcher.ts";
import { parseVersionPolicy, type VersionPolicy } from "../serving/slot/version-policy.ts";
import type { Flag } from "./flag.ts";
import { isOn, numberOf, type Settings, textOf } from "./settings.ts";

export const fleetFlags: readonly Flag[] = [
  {
    name: "workers",
    value: "N",
    type: "text",
    fallback: "1",
    says: "how many processes answer; auto is one a core. Each has its own copy of the model",
  },
  {
    name: "grpc-port",
    value: "PORT",
    type: "port",
    says: "speak gRPC (Open Inference Protocol) on this port of the same host; 0 takes a free one. Off unless given",
  },
  {
    name: "admin-port",
    value: "PORT",
    type: "port",
    says: "on this port of loopback whoever has the token changes what is served: load, swap, unload, shadow, canary, promote, rollback, log level; 0 takes a free one and prints it. Off unless given. The token is TRIMARAN_ADMIN_TOKEN, else made into admin.token below --home",
  },
  {
    name: "version-policy",
    value: "POLICY",
    type: "text",
    fallback: "latest",
    says: "which versions of a folder of numbered versions are served side by side: latest, latest(N), all or specific(1,3); the newest answers calls that name none",
  },
  {
    name: "keep-versions",
    value: "COUNT",
    type: "text",
    fallback: "1",
    says: "how many versions that served are kept in memory, so that a rollback needs no loading; 0 to 100",
  },
  {
    name: "expose-model",
    type: "switch",
    says: "serve the model behind a definition beside it, as NAME.model, with its own inputs and all its methods",
  },
  {
    name: "heartbeat-timeout",
    value: "TIME",
    type: "duration",
    fallback: 10_000,
    says: "a worker whose event loop stands still for longer is killed and replaced",
  },
  {
    name: "worker-max-memory",
    value: "SIZE",
    type: "bytes",
    says: "a worker that takes more memory is exchanged for a fresh one, without losing a request",
  },
  {
    name: "worker-max-requests",
    value: "COUNT",
    type: "count",
    says: "a worker that answered so many requests, and up to a tenth more, is exchanged for a fresh one",
  },
  {
    name: "drain-timeout",
    value: "TIME",
    type: "duration",
    fallback: 30_000,
    says: "how long SIGTERM, Ctrl-C or an exchange waits for what is being answered",
  },
  {
    name: "pin",
    type: "switch",
    says: "serve what was found at the start: a newer model in the same place, a moved alias or an edited definition is not loaded by itself",
  },
  {
    name: "poll-interval",
    value: "TIME",
    type: "duration",
    fallback: 15_000,
    says: "how often the registry is asked whether an alias, a stage or latest means another version; less often while it does not answer",
  },
];

/** @throws USAGE_INVALID */
export async function fleetOptions(
  settings: Settings,
  onNotice: (notice: string) => void,
): Promise<Omit<FleetOptions, "targets" | "web" | "load">> {
  return {
    grpcPort: numberOf(settings, "grpc-port"),
    workers: await workerCount(textOf(settings, "workers") ?? "1"),
    heartbeatTimeoutMs: numberOf(settings, "heartbeat-timeout") ?? 10_000,
    maxWorkerBytes: numberOf(settings, "worker-max-memory"),
    maxWorkerRequests: numberOf(settings, "worker-max-requests"),
    drainTimeoutMs: numberOf(settings, "drain-timeout") ?? 30_000,
    watcher: isOn(settings, "pin") ? undefined : await openWatcher(settings, onNotice),
  };
}

export async function openWatcher(settings: Settings, onNotice: (notice: string) => void): Promise<ModelWatcher> {
  const { watchFiles } = await import("../loaders/watch-files.ts");
  const { watchRegistry } = await import("../loaders/mlflow/watch-registry.ts");
  const intervalMs = numberOf(settings, "poll-interval") ?? 15_000;
  const home = textOf(settings, "home") ?? ".trimaran";
  return joinWatchers([watchFiles(), watchRegistry({ intervalMs, onNotice, home })]);
}

/** @throws SLOT_VERSION_POLICY */
export function versionPolicy(settings: Settings): VersionPolicy {
  return parseVersionPolicy(textOf(settings, "version-policy") ?? "latest");
}

/** @throws USAGE_INVALID */
export function keptVersions(settings: Settings): number {
  const text = textOf(settings, "keep-versions") ?? "1";
  const count = /^\d{1,3}$/.test(text) ? Number(text) : maxKept + 1;
  if (count <= maxKept) return count;
  const problem = `--keep-versions must be a whole number from 0 to ${maxKept}.`;
  throw trimaranError("USAGE_INVALID", { problem, command: "serve" });
}

const maxKept = 100;
const maxWorkers = 1024;

async function workerCount(text: string): Promise<number> {
  if (text === "auto") return (await import("node:os")).availableParallelism();
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= maxWorkers) return count;
  throw trimaranError("USAGE_INVALID", {
    problem: `--workers must be a whole number from 1 to ${maxWorkers}, or auto.`,
    command: "serve",
  });
}

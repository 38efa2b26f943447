// Flags of `serve` that are about its processes, and what they say as options.

import { trimaranError } from "../base/errors.ts";
import type { FleetOptions } from "../doors/web/fleet/fleet-options.ts";
import { joinWatchers, type ModelWatcher } from "../loaders/model-watcher.ts";
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

async function openWatcher(settings: Settings, onNotice: (notice: string) => void): Promise<ModelWatcher> {
  const { watchFiles } = await import("../loaders/watch-files.ts");
  const { watchRegistry } = await import("../loaders/mlflow/watch-registry.ts");
  const intervalMs = numberOf(settings, "poll-interval") ?? 15_000;
  return joinWatchers([watchFiles(), watchRegistry({ intervalMs, onNotice })]);
}

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

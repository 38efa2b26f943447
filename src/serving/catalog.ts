// What a door serves: deployments by name and version. Which version answers, and when one is exchanged, is decided behind it.
import { trimaranError } from "../base/errors.ts";
import type { MetricFamily } from "../io/metrics/metric-family.ts";
import type { PredictionService } from "./prediction-service.ts";

/** The states of the Open Inference Protocol's repository. */
export type ModelState = "UNKNOWN" | "READY" | "UNAVAILABLE" | "LOADING" | "UNLOADING";

export interface ModelStatus {
  readonly name: string;
  /** The model's version, `1` where it names none. */
  readonly version: string;
  readonly state: ModelState;
  /** Why it is not ready, or why a newer version was refused; else empty. */
  readonly reason: string;
}

export interface Catalog {
  /** In the order of the targets: the first one answers the short routes. Names whose model is unloaded stay. */
  readonly names: readonly string[];
  /** Without a name the first one, without a version the one that is current. A service goes on to answer while it is held. */
  find(name?: string, version?: string): PredictionService | undefined;
  /** The versions of that name that answer, the current one first. */
  versions(name: string): readonly string[];
  /** The very version that stands for a label: `stable` serves, `canary` answers a share. Absent where there are no canaries. */
  labelled?(name: string, label: "stable" | "canary"): PredictionService | undefined;
  statuses(): readonly ModelStatus[];
  /** Whether every model is loaded and warmed. */
  readonly ready: boolean;
  /** What the catalog measures: versions, swaps, challengers. */
  readonly families?: () => readonly MetricFamily[];
  /** Loads the name's model anew and puts it in the place of the current one. Absent where the catalog is fixed. */
  readonly load?: (name: string) => Promise<void>;
  /** Absent where the catalog is fixed. */
  readonly unload?: (name: string) => Promise<void>;
}

/** The version as the Open Inference Protocol and KServe show it. */
export function versionText(service: PredictionService): string {
  return service.model.version ?? "1";
}

/**
 * Services that stay as they are; they are the caller's to close.
 * @throws SERVICE_NAME_TAKEN for the same version of a name twice
 */
export function fixedCatalog(services: readonly PredictionService[]): Catalog {
  const taken = new Set<string>();
  for (const service of services) {
    const key = `${service.name}\n${versionText(service)}`;
    if (taken.has(key)) throw trimaranError("SERVICE_NAME_TAKEN", { name: service.name });
    taken.add(key);
  }
  const named = (name: string): readonly PredictionService[] => services.filter((service) => service.name === name);
  return {
    names: [...new Set(services.map((service) => service.name))],
    find: (name, version) =>
      (name === undefined ? services : named(name)).find(
        (service) => version === undefined || versionText(service) === version,
      ),
    versions: (name) => named(name).map(versionText),
    statuses: () =>
      services.map((service) => ({ name: service.name, version: versionText(service), state: "READY", reason: "" })),
    ready: true,
  };
}

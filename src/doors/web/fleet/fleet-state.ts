// What a service is doing, worker by worker and name by name, as the admin port shows it. Names, versions, numbers: no rows.
import type { LogLevel } from "../../../io/log/log.ts";
import type { Member } from "../../../io/process-group.ts";
import type { ModelStatus } from "../../../serving/catalog.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";
import type { VersionCounts } from "../../../serving/slot/version-counts.ts";
import { answeringPlan, type Launch, namesOf, plansNamed, standingOf } from "./launch.ts";
import type { WorkerState } from "./messages.ts";

export interface FleetState {
  readonly log_level: LogLevel;
  readonly workers: readonly ShownWorker[];
  readonly models: readonly ShownModel[];
}

/** null: it is being started, or does not answer at the moment. */
export interface ShownWorker {
  readonly pid: number;
  readonly state: Member["state"];
  readonly uptime_ms: number | null;
  readonly rss_bytes: number | null;
  readonly requests: number | null;
  readonly connections: number | null;
  readonly in_flight: number | null;
  readonly versions: readonly ShownCounts[];
}

export interface ShownCounts {
  readonly name: string;
  readonly version: string;
  readonly role: string;
  readonly in_flight: number;
  readonly calls: number;
  readonly failures: number;
}

export interface ShownModel {
  readonly name: string;
  /** Whether all workers that answer have it. */
  readonly ready: boolean;
  /** The version that answers calls without one; null: unloaded. */
  readonly version: string | null;
  readonly versions: readonly ShownVersion[];
  readonly shadow: ShownVersion | null;
  readonly canary: (ShownVersion & { readonly share: number }) | null;
  /** Where a rollback leads, the last one last. */
  readonly previous: readonly string[];
  /** Of all workers. */
  readonly in_flight: number;
  /** As `/v2/repository/index` tells them: of the first worker that answers. */
  readonly statuses: readonly Omit<ModelStatus, "name">[];
}

export interface ShownVersion {
  readonly version: string;
  readonly digest: string;
  readonly place: string;
}

export interface FleetStateParts {
  readonly launch: Launch;
  readonly workers: readonly { readonly member: Member; readonly told: WorkerState | null }[];
  readonly logLevel: LogLevel;
}

export function fleetState({ launch, workers, logLevel }: FleetStateParts): FleetState {
  const answering = workers.flatMap(({ member, told }) => (member.state === "ready" && told !== null ? [told] : []));
  return {
    log_level: logLevel,
    workers: workers.map(({ member, told }) => ({
      pid: member.child.pid,
      state: member.state,
      uptime_ms: told?.uptimeMs ?? null,
      rss_bytes: told?.rssBytes ?? null,
      requests: told?.requests ?? null,
      connections: told?.connections ?? null,
      in_flight: told?.inFlight ?? null,
      versions: (told?.versions ?? []).map(shownCounts),
    })),
    models: namesOf(launch.plans).map((name) => shownModel(launch, name, answering)),
  };
}

function shownModel(launch: Launch, name: string, workers: readonly WorkerState[]): ShownModel {
  const { shadow, canary, previous } = standingOf(launch, name);
  const answers = answeringPlan(launch, name);
  const isServed = ({ statuses }: WorkerState): boolean =>
    statuses.some((status) => status.name === name && status.version === answers?.version && status.state === "READY");
  const counts = workers.flatMap(({ versions }) => versions.filter((version) => version.name === name));
  const statuses = workers[0]?.statuses.filter((status) => status.name === name) ?? [];
  return {
    name,
    ready: answers !== null && workers.length > 0 && workers.every(isServed),
    version: answers?.version ?? null,
    versions: launch.unloaded.has(name) ? [] : plansNamed(launch, name).map(shownVersion),
    shadow: shadow === null ? null : shownVersion(shadow),
    canary: canary === null ? null : { ...shownVersion(canary.plan), share: canary.share },
    previous: previous.map(({ version }) => version),
    in_flight: counts.reduce((sum, { inFlight }) => sum + inFlight, 0),
    statuses: statuses.map(({ version, state, reason }) => ({ version, state, reason })),
  };
}

function shownVersion({ version, modelDigest, place, request }: TargetPlan): ShownVersion {
  const { model } = request;
  return { version, digest: modelDigest, place: withoutSecret(typeof model === "string" ? model : place) };
}

/** A URI may carry a password. */
function withoutSecret(place: string): string {
  return place.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

function shownCounts({ name, version, role, inFlight, calls, errors }: VersionCounts): ShownCounts {
  return { name, version, role, in_flight: inFlight, calls, failures: errors };
}

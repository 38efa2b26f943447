// What the supervisor is told: the targets, the door's settings, and how its processes are kept.
import type { WebSection } from "../../../deployment/sections.ts";
import type { LogLevel } from "../../../io/log/log.ts";
import type { MetricFamily } from "../../../io/metrics/metric-family.ts";
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import type { TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { TelemetrySettings } from "../observe/open-telemetry.ts";
import type { FleetState } from "./fleet-state.ts";
import type { LoadSettings, SampleRequest, ServedFace, WebSettings } from "./messages.ts";
import type { ModelChange } from "./model-change.ts";

export interface FleetOptions {
  /** The first one answers the short routes. */
  readonly targets: readonly TargetRequest[];
  /** What flags and environment say; the first target's definition fills in what they do not. @default {} */
  readonly web?: WebSettings;
  /** @default {} */
  readonly load?: LoadSettings;
  /** Logs, traces, and what is kept of predictions and of truth. @default none */
  readonly telemetry?: TelemetrySettings | undefined;
  /** Where gRPC listens, on the host of the web door; 0 takes a free port. @default none: no gRPC */
  readonly grpcPort?: number | undefined;
  /** Worker processes. @default 1 */
  readonly workers?: number;
  /** A worker whose event loop stands still for longer is killed and replaced. @default 10000 ms */
  readonly heartbeatTimeoutMs?: number;
  /** A worker that takes more memory is exchanged for a fresh one. @default no limit, in bytes */
  readonly maxWorkerBytes?: number | undefined;
  /** A worker that has answered so many requests, and up to a tenth more, is exchanged for a fresh one. @default no limit */
  readonly maxWorkerRequests?: number | undefined;
  /** How long workers may go on to answer when they are to end; then what is open is cut. @default 30000 ms */
  readonly drainTimeoutMs?: number;
  /** What tells of new models. @default none: what is served changes only when it is asked for */
  readonly watcher?: ModelWatcher | undefined;
  readonly onEvent?: (event: FleetEvent) => void;
}

export type FleetEvent =
  | { readonly kind: "worker"; readonly level: "info" | "warn"; readonly text: string }
  | { readonly kind: "fault"; readonly requestId: string; readonly text: string; readonly detail: string }
  /** What is served was exchanged, all of it or nothing. */
  | { readonly kind: "changed"; readonly text: string }
  /** What is logged from now on. */
  | { readonly kind: "log-level"; readonly level: LogLevel }
  | { readonly kind: "refused"; readonly what: string; readonly error: unknown };

/** A running service. */
export interface Fleet {
  /** `http://127.0.0.1:9696`; an address for all interfaces is shown as loopback. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Null: gRPC is off. */
  readonly grpcPort: number | null;
  readonly section: WebSection;
  readonly services: readonly ServedFace[];
  readonly sample: SampleRequest | null;
  /** Of the workers that answer. */
  readonly pids: readonly number[];
  /**
   * Reads the targets anew and exchanges all workers. When that fails, what served goes on, and `onEvent` hears why.
   * @throws what is wrong with a target; WORKER_ENDED
   */
  reload(): Promise<void>;
  /**
   * Changes what one name serves, in all workers or in none; workers that are started later come up with it.
   * @throws as `changedLaunch`; WORKER_ENDED
   */
  change(name: string, change: ModelChange): Promise<void>;
  /** What is served, wanted and in memory. */
  state(): Promise<FleetState>;
  /** What supervisor and workers log from now on, those that are started later too. */
  setLogLevel(level: LogLevel): void;
  /** Metrics in parts that add up: of the supervisor, of each worker, of those that are gone. */
  reports(): Promise<readonly (readonly MetricFamily[])[]>;
  /** Finishes what is being answered, at the latest after the drain timeout. */
  close(): Promise<void>;
  /** Ends at once. */
  kill(): void;
}

type Unlimited = "telemetry" | "grpcPort" | "maxWorkerBytes" | "maxWorkerRequests" | "watcher";

export type ResolvedFleetOptions = Required<Omit<FleetOptions, Unlimited>> & Pick<FleetOptions, Unlimited>;

export function resolveFleetOptions(options: FleetOptions): ResolvedFleetOptions {
  return Object.freeze({
    web: {},
    load: {},
    workers: 1,
    heartbeatTimeoutMs: 10_000,
    drainTimeoutMs: 30_000,
    onEvent: () => {},
    ...options,
  });
}

// What the supervisor is told: the targets, the door's settings, and how its processes are kept.
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import type { TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { LoadSettings, WebSettings } from "./messages.ts";

export interface FleetOptions {
  /** The first one answers the short routes. */
  readonly targets: readonly TargetRequest[];
  /** What flags and environment say; the first target's definition fills in what they do not. @default {} */
  readonly web?: WebSettings;
  /** @default {} */
  readonly load?: LoadSettings;
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
  | { readonly kind: "refused"; readonly what: string; readonly error: unknown };

type Unlimited = "maxWorkerBytes" | "maxWorkerRequests" | "watcher";

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

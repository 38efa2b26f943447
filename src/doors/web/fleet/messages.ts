// What the supervisor of `serve` and its processes tell one another, over Node's IPC channel as JSON.
import type { WebSection } from "../../../deployment/sections.ts";
import type { ReadLimits } from "../../../formats/read/read-limits.ts";
import type { CarriedError } from "../../../io/carried-error.ts";
import type { OtherLoad } from "../../../io/connection-spread.ts";
import type { LogLevel } from "../../../io/log/log.ts";
import type { ModelStatus } from "../../../serving/catalog.ts";
import type { ServingChange } from "../../../serving/slot/serving-change.ts";
import type { TargetPlan, TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { VersionCounts } from "../../../serving/slot/version-counts.ts";
import type { TelemetrySettings } from "../observe/open-telemetry.ts";
import type { WebOptions } from "../web-options.ts";
import type { WebFiles } from "./web-files.ts";

/** Everything of the door's options that is data. */
export interface WebSettings extends Omit<WebOptions, "onFault" | "collectMetrics" | "apiKeys" | "tls"> {
  /** What is read from files, by each generation of workers. */
  readonly files?: WebFiles;
}

/** What a target is loaded with. */
export interface LoadSettings {
  readonly maxModelBytes?: number;
  readonly limits?: ReadLimits;
  readonly threads?: number;
  /** Where models are kept prepared, so that each is packed once for all workers. @default nowhere */
  readonly cache?: { readonly home: string };
  /** The model behind a definition is served beside it, as `<name>.model`. */
  readonly exposeModel?: boolean;
  /** Versions that served and are kept in memory for a rollback. @default 1 */
  readonly keep?: number;
  /** Where the embedded store and copies of models lie, and whether a copy is refused while the tracking server does not answer. */
  readonly tracking?: { readonly home?: string; readonly requireTracking?: boolean | undefined };
}

/** To the preparer. */
export interface PrepareMessage {
  readonly kind: "prepare";
  readonly requests: readonly TargetRequest[];
  readonly load: LoadSettings;
}

/** From the preparer. The section comes first, so that the port can be opened while the model is read. */
export type PreparerMessage =
  | { readonly kind: "section"; readonly section: WebSection }
  | { readonly kind: "prepared"; readonly plans: readonly TargetPlan[] }
  | { readonly kind: "failed"; readonly error: CarriedError };

/** To a worker, in this order: `open`, a `socket` each, `load`, `work`; then the others as they come, and `drain` last. */
export type WorkerOrder =
  | {
      readonly kind: "open";
      readonly web: WebSettings;
      readonly section: WebSection;
      readonly load: LoadSettings;
      /** Null: it keeps and tells nothing. */
      readonly telemetry: TelemetrySettings | null;
      /** Accept connections before the models are there, and answer that they are not. */
      readonly early: boolean;
      /** A `beat` so often. */
      readonly beatMs: number;
    }
  /** Beside it comes the listening socket. */
  | { readonly kind: "socket"; readonly door: "http" | "grpc" }
  | { readonly kind: "load"; readonly changes: readonly ServingChange[] }
  /** Accept connections. */
  | { readonly kind: "work" }
  /** Loads what the changes need beside what serves, and changes nothing; answered by `done`. */
  | { readonly kind: "stage"; readonly id: number; readonly changes: readonly ServingChange[] }
  /** Makes changes that are staged; answered by `done`. */
  | { readonly kind: "commit"; readonly id: number; readonly changes: readonly ServingChange[] }
  /** Not all could stage: what was loaded for it goes. */
  | { readonly kind: "unstage" }
  /** A newer version of a lane could not be prepared. */
  | { readonly kind: "refuse"; readonly lane: string; readonly version: string | null; readonly error: CarriedError }
  /** Answered by `report`. */
  | { readonly kind: "report"; readonly id: number }
  /** Answered by `report` with a `WorkerState`. */
  | { readonly kind: "state"; readonly id: number }
  /** The answer to `ask`. */
  | { readonly kind: "asked"; readonly id: number; readonly error: CarriedError | null; readonly value: unknown }
  | { readonly kind: "log-level"; readonly level: LogLevel }
  /** What the other workers that accept have to do. */
  | { readonly kind: "spread"; readonly door: "http" | "grpc"; readonly others: readonly OtherLoad[] }
  /** One that this worker has passed on is where it should be. */
  | { readonly kind: "taken"; readonly door: "http" | "grpc" }
  /** Beside it comes a connection that another worker has accepted; `isLive`: requests were answered on it. */
  | { readonly kind: "connection"; readonly door: "http" | "grpc"; readonly isLive: boolean }
  /** The service stops, and no worker accepts any more. */
  | { readonly kind: "ports-closed" }
  | { readonly kind: "drain"; readonly deadlineMs: number; readonly why: "stop" | "exchange" };

export type WorkerMessage =
  | { readonly kind: "ready"; readonly services: readonly ServedFace[]; readonly sample: SampleRequest | null }
  /** After a change. */
  | { readonly kind: "serves"; readonly services: readonly ServedFace[]; readonly sample: SampleRequest | null }
  /** A challenger that it cannot load does not keep it from serving. */
  | { readonly kind: "unfit"; readonly name: string; readonly error: CarriedError }
  /** It cannot become ready. */
  | { readonly kind: "failed"; readonly error: CarriedError; readonly what: "socket" | "load" }
  | {
      readonly kind: "beat";
      /** How much later than planned this sign was given. */
      readonly lagMs: number;
      readonly rssBytes: number;
      readonly requests: number;
      readonly connections: number;
      readonly inFlight: number;
    }
  | { readonly kind: "fault"; readonly requestId: string; readonly text: string; readonly detail: string }
  | { readonly kind: "done"; readonly id: number; readonly error: CarriedError | null }
  | { readonly kind: "report"; readonly id: number; readonly value: unknown }
  /** On its way out: as `report`, of all that it has done. */
  | { readonly kind: "last-report"; readonly value: unknown }
  /** What a route of this worker wants of all of them. */
  | { readonly kind: "ask"; readonly id: number; readonly what: WorkerQuestion }
  /** `busy`: the share of its time that it is at work. */
  | { readonly kind: "connections"; readonly door: "http" | "grpc"; readonly count: number; readonly busy: number }
  /** Beside it comes a connection that is meant for another worker. */
  | { readonly kind: "pass"; readonly door: "http" | "grpc"; readonly to: number; readonly isLive: boolean }
  /** On its way out with all others: it accepts no longer. */
  | { readonly kind: "port-closed" }
  /** Somebody told the worker itself to end: it wants to be replaced. */
  | { readonly kind: "retire" };

export type WorkerQuestion =
  | { readonly kind: "reports" }
  | { readonly kind: "load"; readonly requests: readonly TargetRequest[] }
  | { readonly kind: "unload"; readonly name: string };

/** What one worker has in memory. */
export interface WorkerState {
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly requests: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly statuses: readonly ModelStatus[];
  readonly versions: readonly VersionCounts[];
}

/** What is served, for the announcement. */
export interface ServedFace {
  readonly name: string;
  readonly model: string;
  readonly version: string | null;
  readonly digest: string;
}

/** A request that works, with its answer, as JSON texts. */
export interface SampleRequest {
  readonly body: string;
  readonly answer: string;
}

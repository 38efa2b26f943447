// A target, settled: what exactly is to be served, as plain data. A short-lived process prepares it (reads, verifies and packs
// the model once); every worker opens the same plan.
import type { OpenServiceOptions } from "../open-service.ts";
import type { PackedModel } from "./packed-models.ts";
import type { VersionPolicy } from "./version-policy.ts";

/** What is to be served, as a user named it. Plain data. */
export interface TargetRequest {
  /** A model, a definition, or a folder of numbered versions (`ride/1`, `ride/2`): a path or a URI. */
  readonly target: string;
  /** `--model` as given. @default none */
  readonly model?: OpenServiceOptions["model"];
  /** `--member` as given. @default [] */
  readonly members?: readonly string[];
  /** MODEL_URI and RUN_ID of the environment; anything else is ignored. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The name to serve it under. @default what the definition or the model's path says */
  readonly name?: string;
  /** Of a folder of versions the one to serve; else what the model is called whatever it says. @default the newest; the model's own */
  readonly version?: string;
  /** Of a folder of versions those to serve side by side. @default the newest */
  readonly versions?: VersionPolicy;
  /** It is a model, whatever else lies there: no definition is looked for, and no code is run. @default false */
  readonly isModel?: boolean;
  /** Plans of one lane replace one another; lanes of one name are served side by side. @default the target */
  readonly lane?: string;
}

/** A target that was opened, verified and packed (into the cache of graphs that workers open from). Goes through IPC as it is. */
export interface TargetPlan {
  readonly request: TargetRequest;
  /** `request.lane`, or the target. */
  readonly lane: string;
  /** What is opened: the target, or of a folder of versions the one that was chosen. */
  readonly place: string;
  /** The version that its place says, which goes over the model's own word; null where it says none. */
  readonly placeVersion: string | null;
  /** The name that it is served under. */
  readonly name: string;
  /** As the Open Inference Protocol shows it: `1` where the model names none. */
  readonly version: string;
  /** `sha256:…` over the model's files; a worker that finds another one refuses the plan. */
  readonly modelDigest: string;
  readonly definitionDigest: string | null;
  /** The definition's file and every relative module that it imports: whoever reloads on edits watches these. Else empty. */
  readonly modules: readonly string[];
  /** Its models as they lie in the cache; what is not there is read from its own place. @default none */
  readonly packed?: readonly PackedModel[];
  /** When reading it began, in milliseconds since the epoch. */
  readonly readAt: number;
  /** The model's own paths or URIs, without members, or the folder of versions: what a `ModelWatcher` watches. */
  readonly uris: readonly string[];
}

/** Two plans that would serve the very same thing. */
export function isSamePlan(one: TargetPlan, other: TargetPlan): boolean {
  return (
    one.lane === other.lane &&
    one.version === other.version &&
    one.modelDigest === other.modelDigest &&
    one.definitionDigest === other.definitionDigest
  );
}

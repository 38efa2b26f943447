// Watches the models that are served and the definitions that they stand behind, and tells which plan has a newer one.
import { isTrimaranError } from "../../../base/errors.ts";
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import { splitMembers } from "../../../loaders/split-members.ts";
import type { TargetPlan, TargetRequest } from "../../../serving/slot/target-plan.ts";
import { isSameOrigin, originOf } from "./origin.ts";

export interface WatchOptions {
  /** Undefined: nothing is watched. */
  readonly watcher: ModelWatcher | undefined;
  /** Rejected: what is new is not served. Where that was for now only, it is told again when it is seen again. */
  readonly onChange: (plan: TargetPlan) => Promise<void>;
}

export function watchPlans(plans: readonly TargetPlan[], { watcher, onChange }: WatchOptions): Disposable {
  let ended = false;
  const watches = new Set<{ watch: Disposable }>();
  const end = (): void => {
    ended = true;
    for (const { watch } of watches) watch[Symbol.dispose]();
  };
  const start = (plan: TargetPlan, uris: readonly string[]): void => {
    const again = (error: unknown): void => {
      if (ended || !isPassing(error)) return;
      held.watch[Symbol.dispose]();
      held.watch = watch();
    };
    const watch = (): Disposable =>
      watcher?.watch({ uris, pins: pinsOf(plan) }, () => void onChange(plan).catch(again)) ?? none;
    const held = { watch: watch() };
    watches.add(held);
  };
  const folders: TargetRequest[] = [];
  for (const plan of plans) {
    const origin = originOf(plan);
    // The versions of one folder are watched as one.
    const isKnown = origin.versions !== undefined && folders.some((other) => isSameOrigin(other, origin));
    if (!isKnown) start(plan, plan.uris);
    folders.push(origin);
    start(plan, plan.modules);
  }
  return { [Symbol.dispose]: end };
}

const none: Disposable = { [Symbol.dispose]: () => {} };

function isPassing(error: unknown): boolean {
  return isTrimaranError(error) && (error.kind === "unavailable" || error.kind === "timeout" || error.kind === "busy");
}

function pinsOf({ packed = [] }: TargetPlan): Readonly<Record<string, string>> {
  const pins = packed.flatMap((model) => model.pins ?? []);
  return Object.fromEntries(pins.map(({ uri, fixed }) => [uri, splitMembers(fixed).uri]));
}

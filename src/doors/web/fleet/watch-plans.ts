// Watches the models that are served and the definitions that they stand behind, and tells which plan has a newer one.
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";

export interface WatchOptions {
  readonly watcher: ModelWatcher;
  readonly onChange: (plan: TargetPlan) => void;
}

export function watchPlans(plans: readonly TargetPlan[], { watcher, onChange }: WatchOptions): Disposable {
  const watches = plans.flatMap((plan) => [
    watcher.watch({ uris: plan.uris }, () => onChange(plan)),
    watcher.watch({ uris: plan.modules }, () => onChange(plan)),
  ]);
  return {
    [Symbol.dispose]: () => {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

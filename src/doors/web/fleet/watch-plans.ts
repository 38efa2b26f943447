// Watches the models that are served, and tells which plan has a newer one.
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";

export interface WatchOptions {
  readonly watcher: ModelWatcher;
  readonly onChange: (plan: TargetPlan) => void;
}

export function watchPlans(plans: readonly TargetPlan[], { watcher, onChange }: WatchOptions): Disposable {
  const watches = plans.map((plan) => watcher.watch({ uris: plan.uris }, () => onChange(plan)));
  return {
    [Symbol.dispose]: () => {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

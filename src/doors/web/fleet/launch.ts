// What a generation of workers is started with.
import type { WebSection } from "../../../deployment/sections.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";

export interface Launch {
  readonly section: WebSection;
  readonly plans: readonly TargetPlan[];
  readonly unloaded: ReadonlySet<string>;
}

// What a generation of workers is started with.
import type { WebSection } from "../../../deployment/sections.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";

export interface Launch {
  readonly section: WebSection;
  readonly plans: readonly TargetPlan[];
  readonly unloaded: ReadonlySet<string>;
}

/** The launch with some of its plans exchanged. */
export function nextLaunch(launch: Launch, plans: readonly TargetPlan[]): Launch {
  return {
    section: launch.section,
    plans: [...new Map([...launch.plans, ...plans].map((plan) => [plan.lane, plan])).values()],
    unloaded: new Set([...launch.unloaded].filter((name) => !plans.some((plan) => plan.name === name))),
  };
}

/** Whether a definition is another one: code, which only a new worker reads. */
export function changesCode(launch: Launch, plans: readonly TargetPlan[]): boolean {
  const old = new Map(launch.plans.map((plan) => [plan.lane, plan]));
  return plans.some((plan) => old.get(plan.lane)?.definitionDigest !== plan.definitionDigest);
}

export function namesOf(plans: readonly TargetPlan[]): readonly string[] {
  return [...new Set(plans.map(({ name }) => name))];
}

// What all workers are to serve. A worker that is started anew comes up with it; a change is a step from one launch to the next.
import type { WebSection } from "../../../deployment/sections.ts";
import type { CanaryPlan, ServingChange } from "../../../serving/slot/serving-change.ts";
import { isSamePlan, type TargetPlan } from "../../../serving/slot/target-plan.ts";
import { compareVersions } from "../../../serving/slot/version-order.ts";

export interface Launch {
  readonly section: WebSection;
  /** One a lane. */
  readonly plans: readonly TargetPlan[];
  readonly unloaded: ReadonlySet<string>;
  /** By name; absent: the newest answers, alone. */
  readonly standings: ReadonlyMap<string, Standing>;
}

/** What stands beside the plans of one name. */
export interface Standing {
  /** The lane that answers calls without a version; null: the newest version. */
  readonly chosen: string | null;
  /** What answered before, the last one last: where a rollback leads. */
  readonly previous: readonly TargetPlan[];
  readonly shadow: TargetPlan | null;
  readonly canary: CanaryPlan | null;
}

const alone: Standing = Object.freeze({ chosen: null, previous: [], shadow: null, canary: null });

export function firstLaunch(section: WebSection, plans: readonly TargetPlan[]): Launch {
  return { section, plans, unloaded: new Set(), standings: new Map() };
}

export function standingOf({ standings }: Launch, name: string): Standing {
  return standings.get(name) ?? alone;
}

export function withStanding(launch: Launch, name: string, changed: Partial<Standing>): Launch {
  const standings = new Map(launch.standings).set(name, { ...standingOf(launch, name), ...changed });
  return { ...launch, standings };
}

export function plansNamed({ plans }: Launch, name: string): readonly TargetPlan[] {
  return plans.filter((plan) => plan.name === name);
}

/** The plan that answers calls without a version. */
export function answeringPlan(launch: Launch, name: string): TargetPlan | null {
  if (launch.unloaded.has(name)) return null;
  const plans = plansNamed(launch, name);
  const { chosen } = standingOf(launch, name);
  const newest = plans.toSorted((one, other) => compareVersions(other.version, one.version))[0];
  return plans.find(({ lane }) => lane === chosen) ?? newest ?? null;
}

/** The launch with some of its plans exchanged, those of other lanes that are the same version gone. */
export function withPlans(launch: Launch, plans: readonly TargetPlan[]): Launch {
  const isTaken = (old: TargetPlan): boolean =>
    plans.some(
      (plan) => plan.lane !== old.lane && isSamePlan({ ...plan, lane: old.lane }, old) && plan.name === old.name,
    );
  const kept = launch.plans.filter((plan) => !isTaken(plan));
  return {
    ...launch,
    plans: [...new Map([...kept, ...plans].map((plan) => [plan.lane, plan])).values()],
    unloaded: new Set([...launch.unloaded].filter((name) => !plans.some((plan) => plan.name === name))),
  };
}

export function withoutLanes(launch: Launch, lanes: ReadonlySet<string>): Launch {
  return { ...launch, plans: launch.plans.filter(({ lane }) => !lanes.has(lane)) };
}

/**
 * What follows from the step: what answered before is kept for a rollback, a challenger that serves now is none any more, and one
 * stands in the lane that answers.
 */
export function settle(before: Launch, after: Launch, keep: number): Launch {
  let settled = after;
  for (const name of namesOf(after.plans)) {
    const [from, to] = [answeringPlan(before, name), answeringPlan(after, name)];
    if (to === null) continue;
    const { chosen, previous, shadow, canary } = standingOf(after, name);
    const isStep = from !== null && !isSamePlan(from, to) && standingOf(before, name).previous === previous;
    const challenger = (plan: TargetPlan): TargetPlan | null => {
      const moved = plan.lane === to.lane ? plan : { ...plan, lane: to.lane };
      return isSamePlan(moved, to) ? null : moved;
    };
    const canaryPlan = canary === null ? null : challenger(canary.plan);
    const changed = {
      chosen: after.plans.some(({ lane }) => lane === chosen) ? chosen : null,
      previous: isStep && keep > 0 ? [...previous, from].slice(-keep) : previous,
      shadow: shadow === null ? null : challenger(shadow),
      canary:
        canary === null || canaryPlan === null
          ? null
          : canaryPlan === canary.plan
            ? canary
            : { ...canary, plan: canaryPlan },
    };
    settled = withStanding(settled, name, changed);
  }
  return settled;
}

/**
 * What a worker that serves `told` has to change; `null`: it serves nothing yet. `isAccepted`: the other workers serve it, or did,
 * and callers are not asked again.
 */
export function changesBetween(
  told: Launch | null,
  now: Launch,
  { isAccepted }: { readonly isAccepted: boolean },
): readonly ServingChange[] {
  const changes: ServingChange[] = [];
  const old = new Map(told?.plans.map((plan) => [plan.lane, plan]));
  for (const plan of now.plans) {
    const isThere = old.get(plan.lane) === plan && told?.unloaded.has(plan.name) !== true;
    // One that is started anew knows an unloaded name too: it can be loaded again.
    if (!isThere && (!now.unloaded.has(plan.name) || !old.has(plan.lane)))
      changes.push({ kind: "apply", plan, isAccepted });
  }
  const lanes = new Set(now.plans.map(({ lane }) => lane));
  for (const { lane, name } of old.values()) if (!lanes.has(lane)) changes.push({ kind: "remove", name, lane });
  for (const name of now.unloaded) if (told?.unloaded.has(name) !== true) changes.push({ kind: "unload", name });
  for (const name of new Set([...namesOf(now.plans), ...(told?.standings.keys() ?? [])])) {
    const [was, is] = [told === null ? alone : standingOf(told, name), standingOf(now, name)];
    if (was.chosen !== is.chosen) changes.push({ kind: "choose", name, lane: is.chosen, isAccepted });
    changes.push(...challengerChanges(name, was, is));
  }
  return changes;
}

function challengerChanges(name: string, was: Standing, is: Standing): readonly ServingChange[] {
  const changes: ServingChange[] = [];
  if (was.shadow !== is.shadow) {
    const { shadow: from } = was;
    if (from !== null && from.lane !== is.shadow?.lane)
      changes.push({ kind: "shadow", name, lane: from.lane, plan: null });
    if (is.shadow !== null) changes.push({ kind: "shadow", name, lane: is.shadow.lane, plan: is.shadow });
  }
  if (was.canary !== is.canary) {
    const from = was.canary?.plan;
    if (from !== undefined && from.lane !== is.canary?.plan.lane)
      changes.push({ kind: "canary", name, lane: from.lane, canary: null });
    if (is.canary !== null) changes.push({ kind: "canary", name, lane: is.canary.plan.lane, canary: is.canary });
  }
  return changes;
}

/** Whether a definition is another one: code, which only a new worker reads. */
export function changesCode(launch: Launch, plans: readonly TargetPlan[]): boolean {
  const old = new Map(launch.plans.map((plan) => [plan.lane, plan]));
  return plans.some((plan) => {
    const was = old.get(plan.lane);
    // A new lane of a name stands behind the definition of that name.
    const digest = was === undefined ? answeringPlan(launch, plan.name)?.definitionDigest : was.definitionDigest;
    return digest !== undefined && digest !== plan.definitionDigest;
  });
}

export function namesOf(plans: readonly TargetPlan[]): readonly string[] {
  return [...new Set(plans.map(({ name }) => name))];
}

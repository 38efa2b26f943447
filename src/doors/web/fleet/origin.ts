// Plans and the targets that they come from: a folder of versions is one target with a plan a version.
import { isSamePlan, type TargetPlan, type TargetRequest } from "../../../serving/slot/target-plan.ts";
import { compareVersions } from "../../../serving/slot/version-order.ts";
import {
  answeringPlan,
  type Launch,
  namesOf,
  plansNamed,
  standingOf,
  withoutLanes,
  withPlans,
  withStanding,
} from "./launch.ts";

/** What to prepare to learn what is newest. */
export function originOf({ request }: TargetPlan): TargetRequest {
  return originOfRequest(request);
}

export function originsOf(requests: readonly TargetRequest[]): readonly TargetRequest[] {
  const origins: TargetRequest[] = [];
  for (const request of requests.map(originOfRequest)) {
    if (!origins.some((other) => isSameOrigin(other, request))) origins.push(request);
  }
  return origins;
}

export function isSameOrigin(one: TargetRequest, other: TargetRequest): boolean {
  return originKey(one) === originKey(other);
}

/** A policy chooses versions anew each time. */
function originOfRequest(request: TargetRequest): TargetRequest {
  if (request.versions === undefined) return request;
  const { version: _, lane: __, ...origin } = request;
  return origin;
}

export function originKey({ target, model, members, name, version, lane, versions }: TargetRequest): string {
  return JSON.stringify([target, model, members, name, version, lane, versions]);
}

export interface Fresh {
  readonly requests: readonly TargetRequest[];
  readonly plans: readonly TargetPlan[];
  /** A watcher saw something new: what is newest answers, whoever was chosen before. */
  readonly isWatched: boolean;
}

/** The launch with what these requests lead to now; versions that their policy does not choose any more are gone. */
export function refreshed(launch: Launch, { requests, plans: found, isWatched }: Fresh): Launch {
  // Of several versions those that are as they were are not loaded again.
  const plans = found.map((plan) => {
    const isOne = plan.request.versions === undefined || launch.unloaded.has(plan.name);
    return (isOne ? undefined : launch.plans.find((old) => isSamePlan(old, plan) && old.name === plan.name)) ?? plan;
  });
  const lanes = new Set(plans.map(({ lane }) => lane));
  const gone = launch.plans.filter(
    (plan) => !lanes.has(plan.lane) && requests.some((request) => isSameOrigin(originOf(plan), request)),
  );
  let next = withPlans(withoutLanes(launch, new Set(gone.map(({ lane }) => lane))), plans);
  for (const name of isWatched ? namesOf(plans) : []) {
    const known = plansNamed(launch, name);
    const [newest] = plansNamed(next, name)
      .filter((plan) => plans.includes(plan) && !known.some((old) => isSamePlan(old, plan)))
      .toSorted((one, other) => compareVersions(other.version, one.version));
    const answers = answeringPlan(launch, name);
    const isNewer = newest !== undefined && answers !== null && compareVersions(newest.version, answers.version) >= 0;
    if (isNewer && standingOf(next, name).chosen !== null) next = withStanding(next, name, { chosen: newest.lane });
  }
  return next;
}

export function isSameServing(one: Launch, other: Launch): boolean {
  return (
    one.plans.length === other.plans.length &&
    one.plans.every((plan) => other.plans.some((each) => isSamePlan(plan, each) && plan.name === each.name))
  );
}

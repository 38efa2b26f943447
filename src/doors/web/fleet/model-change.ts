// What an operator wants of one name, and the launch that it leads to.
import { trimaranError } from "../../../base/errors.ts";
import { isSamePlan, type TargetPlan, type TargetRequest } from "../../../serving/slot/target-plan.ts";
import { compareVersions, isVersionNumber } from "../../../serving/slot/version-order.ts";
import {
  answeringPlan,
  type Launch,
  plansNamed,
  type Standing,
  standingOf,
  withoutLanes,
  withPlans,
  withStanding,
} from "./launch.ts";

/** Which model is meant: a version of what is served, another model, or another model under that version. */
export interface VersionWish {
  readonly version: string | null;
  /** A path or a URI. */
  readonly model: string | null;
}

export type ModelChange =
  /** Beside what answers, under its own version; with nothing named, what was served is read anew. */
  | { readonly kind: "load"; readonly of: VersionWish }
  /** In the place of what answers. */
  | { readonly kind: "swap"; readonly of: VersionWish }
  /** null: all versions. */
  | { readonly kind: "unload"; readonly version: string | null }
  | { readonly kind: "shadow"; readonly of: VersionWish | null }
  | { readonly kind: "canary"; readonly of: VersionWish | null; readonly share: number }
  | { readonly kind: "promote" }
  | { readonly kind: "rollback" };

/** Prepares a version. */
export type PrepareVersion = (request: TargetRequest) => Promise<TargetPlan>;

interface Step {
  readonly launch: Launch;
  readonly name: string;
  readonly prepare: PrepareVersion;
}

/**
 * @throws REQUEST_NO_SERVICE, REQUEST_NO_VERSION, ADMIN_VERSION, ADMIN_SERVES, SLOT_NO_CHALLENGER, SLOT_NO_PREVIOUS, SLOT_SHARE, and what is
 * wrong with the model
 */
export async function changedLaunch(step: Step, change: ModelChange): Promise<Launch> {
  const { launch, name } = step;
  if (plansNamed(launch, name).length === 0) throw trimaranError("REQUEST_NO_SERVICE", { name });
  switch (change.kind) {
    case "load":
      return loaded(step, change.of);
    case "swap":
      return swapped(step, change.of);
    case "unload":
      return unloaded(step, change.version);
    case "shadow":
      if (change.of === null) return withStanding(launch, name, { shadow: null });
      return withStanding(launch, name, { shadow: await challenger(step, change.of) });
    case "canary": {
      const { of, share } = change;
      if (!(share >= 0 && share <= 1)) throw trimaranError("SLOT_SHARE", { share });
      if (of === null) return withStanding(launch, name, { canary: null });
      return withStanding(launch, name, { canary: { plan: await challenger(step, of), share } });
    }
    case "promote":
      return promoted(step);
    case "rollback":
      return rolledBack(step);
    default:
      return change satisfies never;
  }
}

async function loaded(step: Step, of: VersionWish): Promise<Launch> {
  const { launch, name, prepare } = step;
  const answers = answeringPlan(launch, name);
  const request = versionRequest(step, of);
  const lane = `${name}#${of.version ?? of.model}`;
  const plan = await prepare({ ...request, lane });
  const same = plansNamed(launch, name).find(({ version }) => version === plan.version);
  const next = withPlans(launch, [same === undefined ? plan : inLane(plan, same.lane)]);
  // Who answers goes on to answer.
  return answers === null ? next : withStanding(next, name, { chosen: answers.lane });
}

async function swapped(step: Step, of: VersionWish): Promise<Launch> {
  const { launch, name, prepare } = step;
  const here = plansNamed(launch, name).find(({ version }) => of.model === null && version === of.version);
  if (here !== undefined && !launch.unloaded.has(name)) return withStanding(launch, name, { chosen: here.lane });
  const plan = await prepare({ ...versionRequest(step, of), lane: answerLane(step) });
  return served(step, plan, {});
}

function unloaded({ launch, name }: Step, version: string | null): Launch {
  const plans = plansNamed(launch, name);
  const lanes = plans.filter((plan) => plan.version === version).map(({ lane }) => lane);
  if (version !== null && (lanes.length === 0 || launch.unloaded.has(name))) {
    throw trimaranError("REQUEST_NO_VERSION", { name, version });
  }
  if (version !== null && lanes.length < plans.length) return withoutLanes(launch, new Set(lanes));
  const empty = withStanding(launch, name, { chosen: null, previous: [], shadow: null, canary: null });
  return { ...empty, unloaded: new Set([...launch.unloaded, name]) };
}

async function challenger(step: Step, of: VersionWish): Promise<TargetPlan> {
  const { launch, name, prepare } = step;
  const answers = answeringPlan(launch, name);
  if (answers === null) throw trimaranError("SERVICE_NOT_READY", { state: "unloaded" });
  const { shadow, canary } = standingOf(launch, name);
  const known = [canary?.plan, shadow, ...plansNamed(launch, name)].find(
    (plan) => plan && of.model === null && plan.version === of.version,
  );
  const lane = answerLane(step);
  if (known && isSamePlan({ ...known, lane }, answers)) throw trimaranError("ADMIN_SERVES", { name });
  // Its share alone changes, or it stands in several roles: nothing is read again.
  if (known) return known.lane === lane ? known : { ...known, lane };
  const plan = await prepare({ ...versionRequest(step, of), lane });
  if (isSamePlan(plan, answers)) throw trimaranError("ADMIN_SERVES", { name });
  return plan;
}

function promoted(step: Step): Launch {
  const { launch, name } = step;
  const { shadow, canary } = standingOf(launch, name);
  const plan = canary?.plan ?? shadow;
  if (plan === null) throw trimaranError("SLOT_NO_CHALLENGER", { name });
  const cleared = canary === null ? { shadow: null } : { canary: null };
  return served(step, plan, cleared);
}

/** The plan answers from now on: where it is served beside the others already, from there. */
function served({ launch, name }: Step, plan: TargetPlan, changed: Partial<Standing>): Launch {
  const here = plansNamed(launch, name).find((each) => isSamePlan({ ...plan, lane: each.lane }, each));
  if (here !== undefined && !launch.unloaded.has(name)) {
    return withStanding(launch, name, { ...changed, chosen: here.lane });
  }
  // What a policy has chosen stays beside it.
  const isChosen = answeringPlan(launch, name)?.request.versions !== undefined;
  const placed = isChosen ? inLane(plan, `${name}#${plan.version}`) : inLane(plan, plan.lane);
  return withStanding(withPlans(launch, [placed]), name, { ...changed, chosen: placed.lane });
}

/** As it would be prepared for that lane. */
function inLane(plan: TargetPlan, lane: string): TargetPlan {
  return plan.lane === lane && plan.request.lane === lane
    ? plan
    : { ...plan, lane, request: { ...plan.request, lane } };
}

/** Back to what answered before; where nothing else did, to the next older version that is served. */
function rolledBack({ launch, name }: Step): Launch {
  const { previous } = standingOf(launch, name);
  const answers = answeringPlan(launch, name);
  const plans = plansNamed(launch, name);
  const last = previous.at(-1);
  if (last !== undefined) {
    const popped = { previous: previous.slice(0, -1), chosen: last.lane };
    const isHere = plans.includes(last);
    return withStanding(isHere ? launch : withPlans(launch, [last]), name, popped);
  }
  const older = plans
    .filter((plan) => answers !== null && compareVersions(plan.version, answers.version) < 0)
    .toSorted((one, other) => compareVersions(other.version, one.version))[0];
  if (older === undefined) throw trimaranError("SLOT_NO_PREVIOUS", { name });
  // It is no step that a second rollback takes back.
  return withStanding(launch, name, { chosen: older.lane, previous: [] });
}

function answerLane({ launch, name }: Step): string {
  return answeringPlan(launch, name)?.lane ?? plansNamed(launch, name)[0]?.lane ?? name;
}

/** @throws ADMIN_VERSION where nothing says where versions are */
function versionRequest({ launch, name }: Step, { version, model }: VersionWish): TargetRequest {
  const plan = answeringPlan(launch, name) ?? plansNamed(launch, name)[0];
  if (plan === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name });
  const { versions: _, version: __, ...rest } = plan.request;
  const isBare = plan.definitionDigest === null;
  const [uri = ""] = plan.uris;
  const named = version === null ? {} : { version };
  const { model: ___, ...bare } = rest;
  const of = (place: string): TargetRequest =>
    isBare ? { ...bare, target: place, name, isModel: true } : { ...rest, model: place, name };
  if (model !== null) return { ...of(model), ...named };
  const registered = /^models:\/+([^/@]+)[/@]/.exec(uri)?.[1];
  if (version !== null && registered !== undefined && isVersionNumber(version)) {
    return of(`models:/${registered}/${version}`);
  }
  // A folder of versions names its versions itself.
  if (version !== null && plan.placeVersion !== null && uri === rest.target) return { ...rest, ...named };
  throw trimaranError("ADMIN_VERSION", { name });
}

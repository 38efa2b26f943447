// What the workers of a service serve: one wish for all of them, changed one step after another, each in two phases. Every worker
// first loads what is new and verifies it; only when all have said yes is it switched in all of them. When one refuses or dies, all
// drop it, and what served goes on.
import { setTimeout as sleep } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { carryError } from "../../../io/carried-error.ts";
import type { Member } from "../../../io/process-group.ts";
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import type { ServingChange } from "../../../serving/slot/serving-change.ts";
import type { TargetPlan, TargetRequest } from "../../../serving/slot/target-plan.ts";
import { changeText, describePlans } from "./event-text.ts";
import type { FleetMetrics } from "./fleet-metrics.ts";
import type { FleetEvent } from "./fleet-options.ts";
import {
  answeringPlan,
  changesBetween,
  changesCode,
  firstLaunch,
  type Launch,
  namesOf,
  plansNamed,
  settle,
  standingOf,
  withStanding,
} from "./launch.ts";
import type { WorkerOrder } from "./messages.ts";
import { changedLaunch, type ModelChange } from "./model-change.ts";
import { isSameOrigin, isSameServing, originOf, originsOf, refreshed } from "./origin.ts";
import type { Preparation } from "./prepare.ts";
import { PlanWatches } from "./watch-plans.ts";

export interface FleetServingOptions {
  readonly targets: readonly TargetRequest[];
  /** Versions that are kept for a rollback. */
  readonly keep: number;
  readonly watcher: ModelWatcher | undefined;
  readonly metrics: FleetMetrics;
  readonly prepare: (requests: readonly TargetRequest[]) => Preparation;
  /** Those that answer. */
  readonly ready: () => readonly Member[];
  /** Sends an order and waits until it is done. */
  readonly order: (member: Member, order: (id: number) => WorkerOrder) => Promise<unknown>;
  readonly tell: (member: Member, order: WorkerOrder) => void;
  /** Exchanges all workers for a generation that comes up with what is next. @throws why it failed */
  readonly renew: () => Promise<void>;
  readonly isClosing: () => boolean;
  readonly onEvent: (event: FleetEvent) => void;
}

export class FleetServing {
  readonly #options: FleetServingOptions;
  /** By generation of workers. */
  readonly #launches = new Map<number, Promise<Launch>>();
  readonly #told = new WeakMap<Member, Launch>();
  #generation = 1;
  #changes: Promise<unknown> = Promise.resolve();
  readonly #watches: PlanWatches;

  constructor(options: FleetServingOptions, first: Promise<Launch>) {
    this.#options = options;
    this.#launches.set(1, first);
    this.#watches = new PlanWatches({ watcher: options.watcher, onChange: (plan) => this.#follow(plan) });
  }

  get generation(): number {
    return this.#generation;
  }

  /** What is served now. */
  get launch(): Promise<Launch> {
    return this.launchOf(this.#generation) as Promise<Launch>;
  }

  launchOf(generation: number): Promise<Launch> | undefined {
    return this.#launches.get(generation);
  }

  /** What brings a worker that was just started to what its generation serves. */
  async begin(member: Member): Promise<readonly ServingChange[]> {
    const launch = await this.launchOf(member.generation);
    if (launch === undefined) return [];
    this.#told.set(member, launch);
    return changesBetween(null, launch, { isAccepted: true });
  }

  /** Brings a worker up to what changed since it was told; when that is done nothing is missing in this very turn. @throws what it refuses */
  async catchUp(member: Member): Promise<void> {
    for (;;) {
      const launch = await this.launchOf(member.generation);
      const told = this.#told.get(member) ?? null;
      if (launch === undefined || launch === told) return;
      const changes = changesBetween(told, launch, { isAccepted: true });
      await this.#options.order(member, (id) => ({ kind: "stage", id, changes }));
      await this.#options.order(member, (id) => ({ kind: "commit", id, changes }));
      this.#told.set(member, launch);
    }
  }

  async watch(): Promise<void> {
    this.#rewatch((await this.launch).plans);
  }

  close(): void {
    this.#watches[Symbol.dispose]();
  }

  /** Reads the targets anew, and exchanges all workers. Challengers stay, where they still fit. */
  reload(): Promise<void> {
    return this.#change("reload", async () => {
      const since = performance.now();
      const preparation = this.#options.prepare(this.#options.targets);
      const [section, plans] = [await preparation.section, await preparation.plans];
      const next = { ...firstLaunch(section, plans), standings: stayingOf(await this.launch) };
      const measured = { names: namesOf(plans), since };
      await this.#options.metrics.measure(measured, async () => this.#renew(await this.launch, next));
      this.#rewatch(plans);
      this.#options.onEvent({ kind: "changed", text: `Reloaded: ${describePlans(plans)}.` });
    });
  }

  /** What `load` of a repository asks for: the newest of what is served under these requests. */
  load(requests: readonly TargetRequest[]): Promise<void> {
    return this.#change("load", () => this.#exchange(originsOf(requests), null));
  }

  unload(name: string): Promise<void> {
    return this.change(name, { kind: "unload", version: null });
  }

  /** What an operator asks for. */
  change(name: string, change: ModelChange): Promise<void> {
    return this.#change(`${change.kind} ${name}`, async () => {
      const launch = await this.launch;
      const { kind } = change;
      if (
        kind === "load" &&
        change.of.version === null &&
        change.of.model === null &&
        plansNamed(launch, name).length > 0
      ) {
        return this.#exchange(originsOf(plansNamed(launch, name).map(originOf)), null);
      }
      const since = performance.now();
      const prepare = (request: TargetRequest): Promise<TargetPlan> =>
        this.#prepareOne(request, { launch, name, change });
      const next = await changedLaunch({ launch, name, prepare }, change);
      await this.#step(launch, next, { names: [name], since, isReturn: kind === "rollback" });
      this.#options.onEvent({ kind: "changed", text: changeText(name, change, await this.launch) });
    });
  }

  async #prepareOne(
    request: TargetRequest,
    { launch, name, change }: { readonly launch: Launch; readonly name: string; readonly change: ModelChange },
  ): Promise<TargetPlan> {
    try {
      const [plan] = await this.#options.prepare([request]).plans;
      if (plan === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name });
      return plan;
    } catch (error) {
      // A challenger that fails is no reason why the newest is not served.
      const lane = answeringPlan(launch, name)?.lane ?? request.lane;
      if (change.kind === "load" || change.kind === "swap")
        this.#refuse({ lane, version: request.version ?? null, error });
      this.#options.metrics.swapped(name, "refused");
      throw error;
    }
  }

  /**
   * New models under the definitions that serve; an edited definition is code, which only a new worker reads. `watched`: nobody
   * asked, it only looks as if there were something new.
   */
  async #exchange(requests: readonly TargetRequest[], watched: TargetPlan | null): Promise<void> {
    const since = performance.now();
    const launch = await this.launch;
    // Something else was put in its place while it waited for its turn.
    if (watched !== null && !launch.plans.some((plan) => isSameOrigin(originOf(plan), originOf(watched)))) return;
    const plans = await this.#options.prepare(requests).plans.catch((error: unknown) => {
      this.#refuseAll(requests, { launch, error });
      throw error;
    });
    const next = refreshed(launch, { requests, plans, isWatched: watched !== null });
    // An alias that has moved back, a registry that went away again, or what somebody has unloaded.
    const isIdle = isSameServing(launch, next) || namesOf(plans).every((name) => launch.unloaded.has(name));
    if (watched !== null && isIdle) return this.#watches.renew(watched);
    await this.#step(launch, next, { names: namesOf(plans), since });
    this.#options.onEvent({ kind: "changed", text: `Loaded ${describePlans(plans)}.` });
  }

  async #step(
    from: Launch,
    to: Launch,
    measured: { readonly names: readonly string[]; readonly since: number; readonly isReturn?: boolean },
  ): Promise<void> {
    await this.#options.metrics.measure(measured, () =>
      changesCode(from, to.plans)
        ? this.#renew(from, to)
        : this.#commit(settle(from, to, this.#options.keep), measured.isReturn === true),
    );
    this.#rewatch((await this.launch).plans);
  }

  /** @throws why a new worker failed; WORKER_ENDED */
  async #renew(from: Launch, to: Launch): Promise<void> {
    const settled = settle(from, to, this.#options.keep);
    this.#launches.set(this.#generation + 1, Promise.resolve(await this.#carryChallengers(settled)));
    await this.#options.renew();
    this.#launches.delete(this.#generation);
    this.#generation++;
  }

  /** Challengers stand behind the definition that is served: one that was edited is read for them too. What fails then is dropped. */
  async #carryChallengers(launch: Launch): Promise<Launch> {
    let carried = launch;
    for (const name of namesOf(launch.plans)) {
      const { shadow, canary, previous } = standingOf(launch, name);
      const answers = answeringPlan(launch, name);
      const fits = (plan: TargetPlan): boolean => plan.definitionDigest === answers?.definitionDigest;
      const renewed = async (plan: TargetPlan | null | undefined): Promise<TargetPlan | null> => {
        if (plan == null || answers === null) return null;
        if (fits(plan)) return plan;
        try {
          const [fresh] = await this.#options.prepare([plan.request]).plans;
          return fresh === undefined ? null : { ...fresh, lane: answers.lane };
        } catch (error) {
          this.#options.onEvent({ kind: "refused", what: `The challenger of ${name}`, error });
          return null;
        }
      };
      const plan = await renewed(canary?.plan);
      carried = withStanding(carried, name, {
        previous: previous.filter(fits),
        shadow: await renewed(shadow),
        canary: canary === null || plan === null ? null : { ...canary, plan },
      });
    }
    return carried;
  }

  async #commit(next: Launch, isAccepted: boolean): Promise<void> {
    const { ready, order, tell } = this.#options;
    const changes = changesBetween(await this.launch, next, { isAccepted });
    if (changes.length === 0) return;
    const members = ready();
    // Nobody could say whether it can be served, and every worker that comes would have to.
    if (members.length === 0) throw trimaranError("SERVICE_NOT_READY", { state: "without a worker at the moment" });
    const staged = await Promise.allSettled(
      members.map((member) => order(member, (id) => ({ kind: "stage", id, changes }))),
    );
    const refusal = staged.find((result) => result.status === "rejected");
    if (refusal !== undefined) {
      for (const member of members) tell(member, { kind: "unstage" });
      const error: unknown = refusal.reason;
      for (const change of changes) {
        if (change.kind === "apply") this.#refuse({ lane: change.plan.lane, version: change.plan.version, error });
      }
      throw error;
    }
    // Whoever is started from here on comes up with it.
    this.#launches.set(this.#generation, Promise.resolve(next));
    const done = await Promise.allSettled(
      members.map(async (member) => {
        await order(member, (id) => ({ kind: "commit", id, changes }));
        this.#told.set(member, next);
      }),
    );
    // One that could load it and cannot switch is not to be trusted: a fresh one takes its place.
    for (const [index, result] of done.entries()) if (result.status === "rejected") members[index]?.child.kill();
    // Those that became ready in the meantime.
    for (const member of ready()) {
      if (!members.includes(member)) await this.catchUp(member).catch(() => member.child.kill());
    }
  }

  #refuse({
    lane,
    version,
    error,
  }: {
    readonly lane: string | undefined;
    readonly version: string | null;
    readonly error: unknown;
  }): void {
    if (lane === undefined) return;
    const order: WorkerOrder = { kind: "refuse", lane, version, error: carryError(error) };
    for (const member of this.#options.ready()) this.#options.tell(member, order);
  }

  /** It could not even be prepared: what serves goes on, and workers can say why nothing new does. */
  #refuseAll(
    requests: readonly TargetRequest[],
    { launch, error }: { readonly launch: Launch; readonly error: unknown },
  ): void {
    for (const request of requests) {
      const plans = launch.plans.filter((plan) => isSameOrigin(originOf(plan), request));
      for (const name of namesOf(plans)) {
        this.#options.metrics.swapped(name, "refused");
        const answers = answeringPlan(launch, name) ?? plans[0];
        this.#refuse({ lane: answers?.lane, version: request.version ?? null, error });
      }
    }
  }

  #rewatch(plans: readonly TargetPlan[]): void {
    this.#watches.update(this.#options.isClosing() ? [] : plans);
  }

  /** A worker that happened to end meanwhile is no reason to miss what is new: nobody would tell of it again. */
  async #follow(plan: TargetPlan, attempts = 3): Promise<void> {
    try {
      await this.#change(plan.name, () => this.#exchange([originOf(plan)], plan));
    } catch (error) {
      if (attempts === 1 || !isTrimaranError(error) || error.code !== "WORKER_ENDED") throw error;
      await sleep(retryMs);
      await this.#follow(plan, attempts - 1);
    }
  }

  /** One change after the other; whoever asked hears of a failure, and `onEvent` too. */
  #change(what: string, change: () => Promise<void>): Promise<void> {
    const { isClosing, onEvent } = this.#options;
    const done = this.#changes.then(async () => {
      if (isClosing()) throw trimaranError("SERVICE_NOT_READY", { state: "draining" });
      await change().catch((error: unknown) => {
        throw isClosing() ? trimaranError("SERVICE_NOT_READY", { state: "draining" }, { cause: error }) : error;
      });
    });
    this.#changes = done.catch((error: unknown) => {
      if (!isClosing()) onEvent({ kind: "refused", what, error });
    });
    return done;
  }
}

/** What a reload keeps beside the targets. */
function stayingOf({ standings }: Launch): Launch["standings"] {
  return new Map([...standings].map(([name, standing]) => [name, { ...standing, chosen: null }]));
}

const retryMs = 1000;

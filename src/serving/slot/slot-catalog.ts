// The catalog of a real service: names, each with one slot a lane, whose versions are exchanged while it answers.
import { trimaranError } from "../../base/errors.ts";
import type { MetricFamily } from "../../io/metrics/metric-family.ts";
import type { Catalog, ModelStatus } from "../catalog.ts";
import type { PredictionService } from "../prediction-service.ts";
import { assertMayAnswer, replacedBy } from "./caller-fit.ts";
import { ModelSlot, type Refusal, reasonOf } from "./model-slot.ts";
import { type OpenPlanOptions, openPlan } from "./open-plan.ts";
import { prepareTarget } from "./prepare-target.ts";
import { removedLanes, type ServingChange } from "./serving-change.ts";
import type { AnsweredEvent, AnsweredListener, SlotEvent } from "./slot-event.ts";
import { slotFamilies } from "./slot-families.ts";
import { bareStatuses, currentSlot, orderedSlots, type SlotGroup } from "./slot-group.ts";
import { slotService } from "./slot-service.ts";
import type { TargetPlan, TargetRequest } from "./target-plan.ts";
import type { VersionCounts } from "./version-counts.ts";
import type { WarmOptions } from "./warm-version.ts";

export interface SlotCatalogOptions extends OpenPlanOptions {
  /** How many versions that served are kept for `rollback`. @default 1 */
  readonly keep?: number;
  /** Whether a version may take fewer inputs or answer less than the one that it replaces. @default false */
  readonly allowIncompatible?: boolean;
  readonly warm?: WarmOptions;
  /** Whether the model behind a definition is served beside it, as `<name>.model`. @default false */
  readonly exposeModel?: boolean;
  /** Told of the life of every version, from the first load on; it must not throw. */
  readonly onEvent?: (event: SlotEvent) => void;
  /**
   * What `load(name)` of the repository protocol does. Where several processes serve, their supervisor prepares the targets and
   * applies the plans in all of them. @default prepares and applies them here
   */
  readonly onLoad?: (name: string, requests: readonly TargetRequest[]) => Promise<void>;
  /** As `onLoad`, for `unload(name)`. @default unloads here */
  readonly onUnload?: (name: string) => Promise<void>;
}

/**
 * Opens plans that are prepared; the first one answers the short routes.
 * @throws what loading any of them throws; then none is left open
 */
export async function openSlotCatalog(
  plans: readonly TargetPlan[],
  options: SlotCatalogOptions = {},
): Promise<SlotCatalog> {
  const catalog = new SlotCatalog(options);
  try {
    for (const plan of plans) await catalog.apply(plan);
  } catch (error) {
    await catalog.close();
    throw error;
  }
  return catalog;
}

export class SlotCatalog implements Catalog {
  readonly #options: SlotCatalogOptions;
  readonly #groups = new Map<string, SlotGroup>();
  readonly #answered = new Set<AnsweredListener>();
  readonly #told = new Set<(event: SlotEvent) => void>();
  readonly #definitions: OpenPlanOptions["definitions"] = new Map();
  #listener: ((event: AnsweredEvent) => void) | null = null;

  constructor(options: SlotCatalogOptions = {}) {
    this.#options = options;
    if (options.onEvent !== undefined) this.#told.add(options.onEvent);
  }

  get names(): readonly string[] {
    return [...this.#groups.values()].flatMap((group) => [group.name, ...this.#bareOf(group).map(({ name }) => name)]);
  }

  get ready(): boolean {
    const wanted = [...this.#groups.values()].filter((group) => group.wanted);
    return this.#groups.size > 0 && wanted.every((group) => currentSlot(group)?.current !== null);
  }

  find(name?: string, version?: string): PredictionService | undefined {
    const group = this.#group(name);
    if (group === undefined) return name === undefined ? undefined : this.#findBare(name, version);
    if (version === undefined) return currentSlot(group)?.current ? group.service : undefined;
    const slots = orderedSlots(group);
    const current = slots.find((slot) => slot.current?.version === version)?.current;
    return (current ?? slots.find(({ canary }) => canary?.version === version)?.canary)?.pinned;
  }

  labelled(name: string, label: "stable" | "canary"): PredictionService | undefined {
    const group = this.#groups.get(name);
    const slot = group === undefined ? null : currentSlot(group);
    return (label === "stable" ? slot?.current : slot?.canary)?.pinned;
  }

  /** The version that answers the short routes, for questions of our own: they are not counted, logged or copied. */
  get uncounted(): PredictionService | undefined {
    const group = this.#group(undefined);
    return group === undefined ? undefined : currentSlot(group)?.current?.service;
  }

  versions(name: string): readonly string[] {
    const group = this.#groups.get(name) ?? this.#ownerOf(name);
    if (group === undefined) return [];
    const slots = orderedSlots(group);
    const canaries = group.name === name ? slots.map(({ canary }) => canary) : [];
    const versions = [...slots.map(({ current }) => current), ...canaries];
    return [...new Set(versions.flatMap((version) => (version === null ? [] : [version.version])))];
  }

  statuses(): readonly ModelStatus[] {
    const exposed = this.#options.exposeModel === true;
    return [...this.#groups.values()].flatMap(({ lanes }) =>
      [...lanes.values()].flatMap((slot) => [...slot.statuses(), ...(exposed ? bareStatuses(slot) : [])]),
    );
  }

  /** Of every version in memory. */
  counts(): readonly VersionCounts[] {
    return [...this.#groups.values()].flatMap(({ lanes }) => [...lanes.values()].flatMap((slot) => slot.counts()));
  }

  readonly families = (): readonly MetricFamily[] => slotFamilies(this.counts());

  /**
   * Loads the plan and puts it in the place of what its lane serves. When that fails, what served goes on.
   * @throws what `ModelSlot.load` throws; SERVICE_NAME_TAKEN when another target serves that version of the name
   */
  apply(plan: TargetPlan): Promise<void> {
    return this.#apply(plan, new Set());
  }

  async #apply(plan: TargetPlan, removed: ReadonlySet<string>): Promise<void> {
    const { name, lane } = plan;
    const [group, slot] = this.#place(plan, removed);
    // Also of one that never served yet: `load` tries it again.
    if (!group.requests.has(lane)) group.requests.set(lane, plan.request);
    await slot.load(plan);
    group.requests.set(lane, plan.request);
    group.wanted = true;
    // A definition that was edited may have another name.
    for (const other of this.#groups.values()) if (other.name !== name) this.remove(other.name, lane);
  }

  /** Where a plan goes. @throws SERVICE_NAME_TAKEN */
  #place({ name, lane, version }: TargetPlan, removed: ReadonlySet<string>): readonly [SlotGroup, ModelSlot] {
    const group = this.#groups.get(name) ?? this.#addGroup(name);
    for (const [other, slot] of group.lanes) {
      if (other === lane || removed.has(other) || slot.current?.version !== version) continue;
      throw trimaranError("SERVICE_NAME_TAKEN", { name });
    }
    return [group, group.lanes.get(lane) ?? this.#addSlot(group, lane)];
  }

  /**
   * Loads what the changes need beside what serves, and changes nothing. `commit` is then done at once; `unstage` takes it back.
   * @throws as `apply`, `setShadow` and `setCanary`
   */
  async stage(changes: readonly ServingChange[]): Promise<void> {
    const removed = removedLanes(changes);
    for (const change of changes) {
      const group = this.#groups.get(change.kind === "apply" ? change.plan.name : change.name);
      if (change.kind === "apply") {
        const { plan, isAccepted } = change;
        const against = isAccepted ? null : replacedBy(plan, group, changes);
        await this.#place(plan, removed)[1].stage(plan, "champion", against);
      } else if (change.kind === "choose") {
        const isFree = change.isAccepted || this.#options.allowIncompatible === true;
        if (group !== undefined && !isFree) assertMayAnswer(group, change.lane);
      } else if (change.kind === "shadow" && change.plan !== null) {
        await this.#lane(change).stage(change.plan, "shadow");
      } else if (change.kind === "canary" && change.canary !== null) {
        await this.#lane(change).stage(change.canary.plan, "challenger");
      }
    }
  }

  /** @throws as `stage`, for what was not staged */
  async commit(changes: readonly ServingChange[]): Promise<void> {
    const removed = removedLanes(changes);
    for (const change of changes) await this.#make(change, removed);
    this.unstage();
  }

  unstage(): void {
    for (const group of this.#groups.values()) {
      for (const [lane, slot] of group.lanes) {
        slot.unstage();
        // Made for what was staged.
        if (!group.requests.has(lane)) group.lanes.delete(lane);
      }
      if (group.lanes.size === 0) this.#groups.delete(group.name);
    }
  }

  async #make(change: ServingChange, removed: ReadonlySet<string>): Promise<void> {
    switch (change.kind) {
      case "apply":
        return this.#apply(change.plan, removed);
      case "remove":
        this.remove(change.name, change.lane);
        return;
      case "unload":
        this.unloadHere(change.name);
        return;
      case "choose": {
        const group = this.#groups.get(change.name);
        if (group !== undefined) group.chosen = change.lane;
        return;
      }
      case "shadow":
        if (change.plan !== null || this.#hasLane(change)) await this.#lane(change).setShadow(change.plan);
        return;
      case "canary":
        if (change.canary !== null || this.#hasLane(change)) await this.#lane(change).setCanary(change.canary);
        return;
      default:
        change satisfies never;
    }
  }

  /** Ends a lane of a name: a version that is not wanted any more. */
  remove(name: string, lane: string): void {
    const group = this.#groups.get(name);
    const slot = group?.lanes.get(lane);
    if (group === undefined || slot === undefined) return;
    slot.unload();
    group.lanes.delete(lane);
    group.requests.delete(lane);
    if (group.chosen === lane) group.chosen = null;
    if (group.lanes.size === 0) this.#groups.delete(name);
  }

  readonly load = async (name: string): Promise<void> => {
    const { requests, name: known } = this.#known(name);
    if (this.#options.onLoad !== undefined) return this.#options.onLoad(known, [...requests.values()]);
    for (const [lane, request] of [...requests]) {
      const plan = await prepareTarget(request, this.#options).catch((error: unknown) => {
        this.refuse(lane, { version: request.version ?? null, reason: reasonOf(error), error });
        throw error;
      });
      await this.apply(plan);
    }
  };

  readonly unload = async (name: string): Promise<void> => {
    const { name: known } = this.#known(name);
    if (this.#options.onUnload !== undefined) return this.#options.onUnload(known);
    this.unloadHere(known);
  };

  /** Takes all versions of the name out of this process; the name stays, and `load` brings it back. @throws REQUEST_NO_SERVICE */
  unloadHere(name: string): void {
    const group = this.#known(name);
    group.wanted = false;
    for (const slot of group.lanes.values()) slot.unload();
  }

  /** A version that failed before it came here, while it was prepared: `statuses` tell why. An unknown lane is ignored. */
  refuse(lane: string, refusal: Refusal): void {
    for (const { lanes } of this.#groups.values()) lanes.get(lane)?.refuse(refusal);
  }

  /** @throws REQUEST_NO_SERVICE; what `ModelSlot.setShadow` throws */
  async setShadow(name: string, plan: TargetPlan | null): Promise<void> {
    await this.#slot(name).setShadow(plan);
  }

  /** @throws REQUEST_NO_SERVICE, SLOT_SHARE; what `ModelSlot.setCanary` throws */
  async setCanary(name: string, canary: { readonly plan: TargetPlan; readonly share: number } | null): Promise<void> {
    await this.#slot(name).setCanary(canary);
  }

  /** @throws REQUEST_NO_SERVICE, SLOT_NO_CHALLENGER */
  promoteChallenger(name: string): void {
    this.#slot(name).promoteChallenger();
  }

  /** @throws REQUEST_NO_SERVICE, SLOT_NO_PREVIOUS */
  rollback(name: string): void {
    this.#slot(name).rollback();
  }

  /** Called after every answered call, in the same turn; it must be quick and must not throw. */
  onAnswered(listener: AnsweredListener): Disposable {
    this.#answered.add(listener);
    this.#listen();
    return {
      [Symbol.dispose]: () => {
        this.#answered.delete(listener);
        this.#listen();
      },
    };
  }

  onEvent(listener: (event: SlotEvent) => void): Disposable {
    this.#told.add(listener);
    return { [Symbol.dispose]: () => void this.#told.delete(listener) };
  }

  /** Frees all versions after their last answers. */
  async close(): Promise<void> {
    for (const { lanes } of this.#groups.values()) for (const slot of lanes.values()) slot.unload();
  }

  #listen(): void {
    const listeners = [...this.#answered];
    this.#listener = listeners.length === 0 ? null : (event) => tellAll(listeners, event);
  }

  #group(name: string | undefined): SlotGroup | undefined {
    return name === undefined ? this.#groups.values().next().value : this.#groups.get(name);
  }

  #known(name: string): SlotGroup {
    const group = this.#groups.get(name) ?? this.#ownerOf(name);
    if (group === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name });
    return group;
  }

  #bareOf(group: SlotGroup): readonly PredictionService[] {
    if (this.#options.exposeModel !== true) return [];
    return currentSlot(group)?.current?.bare ?? [];
  }

  /** The definition that a bare model stands behind. */
  #ownerOf(name: string): SlotGroup | undefined {
    if (this.#options.exposeModel !== true || !name.includes(".model")) return undefined;
    return [...this.#groups.values()].find((group) => this.#bareOf(group).some((model) => model.name === name));
  }

  #findBare(name: string, version: string | undefined): PredictionService | undefined {
    const group = this.#ownerOf(name);
    if (group === undefined) return undefined;
    const slots = orderedSlots(group);
    const slot = version === undefined ? slots[0] : slots.find(({ current }) => current?.version === version);
    return slot?.current?.bare.find((model) => model.name === name);
  }

  #slot(name: string): ModelSlot {
    const slot = currentSlot(this.#known(name));
    if (slot === null) throw trimaranError("REQUEST_NO_SERVICE", { name });
    return slot;
  }

  #hasLane({ name, lane }: { readonly name: string; readonly lane: string }): boolean {
    return this.#groups.get(name)?.lanes.has(lane) === true;
  }

  #lane({ name, lane }: { readonly name: string; readonly lane: string }): ModelSlot {
    const slot = this.#groups.get(name)?.lanes.get(lane);
    if (slot === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name });
    return slot;
  }

  #addGroup(name: string): SlotGroup {
    const service = slotService(() => {
      const group = this.#groups.get(name);
      return group === undefined ? null : currentSlot(group);
    });
    const group: SlotGroup = { name, lanes: new Map(), requests: new Map(), service, wanted: false, chosen: null };
    this.#groups.set(name, group);
    return group;
  }

  #addSlot(group: SlotGroup, lane: string): ModelSlot {
    const { keep, allowIncompatible, warm, exposeModel: _, ...open } = this.#options;
    const slot = new ModelSlot({
      name: group.name,
      open: (plan) => openPlan(plan, { definitions: this.#definitions, ...open }),
      keep,
      allowIncompatible,
      warm,
      onEvent: (event) => {
        tellAll(this.#told, event);
      },
      answered: () => this.#listener,
    });
    group.lanes.set(lane, slot);
    return slot;
  }
}

/** A listener's failure is nobody else's: callers get their answers, and versions are exchanged. */
function tellAll<Event>(listeners: Iterable<(event: Event) => void>, event: Event): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}

// The catalog of a real service: names, each with one slot a lane, whose versions are exchanged while it answers.
import { trimaranError } from "../../base/errors.ts";
import type { MetricFamily } from "../../io/metrics/metric-family.ts";
import type { Catalog, ModelStatus } from "../catalog.ts";
import type { PredictionService } from "../prediction-service.ts";
import { ModelSlot, type Refusal, reasonOf } from "./model-slot.ts";
import { type OpenPlanOptions, openPlan } from "./open-plan.ts";
import { prepareTarget } from "./prepare-target.ts";
import type { AnsweredEvent, AnsweredListener, SlotEvent } from "./slot-event.ts";
import { slotFamilies } from "./slot-families.ts";
import { slotService } from "./slot-service.ts";
import type { TargetPlan, TargetRequest } from "./target-plan.ts";
import type { VersionCounts } from "./version-counts.ts";
import { compareVersions } from "./version-order.ts";
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

interface Group {
  readonly name: string;
  /** By lane, in the order of the targets. */
  readonly lanes: Map<string, ModelSlot>;
  /** What `load` loads again, by lane. */
  readonly requests: Map<string, TargetRequest>;
  readonly service: PredictionService;
  /** It was served and nobody unloaded it; what never could be served does not make the others unready. */
  wanted: boolean;
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
  readonly #groups = new Map<string, Group>();
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
    return this.#groups.size > 0 && wanted.every((group) => newestOf(group)?.current !== null);
  }

  find(name?: string, version?: string): PredictionService | undefined {
    const group = this.#group(name);
    if (group === undefined) return name === undefined ? undefined : this.#findBare(name, version);
    if (version === undefined) return newestOf(group)?.current ? group.service : undefined;
    for (const slot of [...group.lanes.values()].sort(newerFirst)) {
      if (slot.current?.version === version) return slot.current.pinned;
    }
    return undefined;
  }

  /** The version that answers the short routes, for questions of our own: they are not counted, logged or copied. */
  get uncounted(): PredictionService | undefined {
    const group = this.#group(undefined);
    return group === undefined ? undefined : newestOf(group)?.current?.service;
  }

  versions(name: string): readonly string[] {
    const group = this.#groups.get(name) ?? this.#ownerOf(name);
    const slots = [...(group?.lanes.values() ?? [])].sort(newerFirst);
    return slots.flatMap(({ current }) => (current === null ? [] : [current.version]));
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
  async apply(plan: TargetPlan): Promise<void> {
    const { name, lane } = plan;
    const group = this.#groups.get(name) ?? this.#addGroup(name);
    for (const [other, slot] of group.lanes) {
      if (other !== lane && slot.current?.version === plan.version) throw trimaranError("SERVICE_NAME_TAKEN", { name });
    }
    const slot = group.lanes.get(lane) ?? this.#addSlot(group, lane);
    // Also of one that never served yet: `load` tries it again.
    if (!group.requests.has(lane)) group.requests.set(lane, plan.request);
    await slot.load(plan);
    group.requests.set(lane, plan.request);
    group.wanted = true;
    // A definition that was edited may have another name.
    for (const other of this.#groups.values()) if (other !== group) this.remove(other.name, lane);
  }

  /** Ends a lane of a name: a version that is not wanted any more. */
  remove(name: string, lane: string): void {
    const group = this.#groups.get(name);
    const slot = group?.lanes.get(lane);
    if (group === undefined || slot === undefined) return;
    slot.unload();
    group.lanes.delete(lane);
    group.requests.delete(lane);
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

  #group(name: string | undefined): Group | undefined {
    return name === undefined ? this.#groups.values().next().value : this.#groups.get(name);
  }

  #known(name: string): Group {
    const group = this.#groups.get(name) ?? this.#ownerOf(name);
    if (group === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name });
    return group;
  }

  #bareOf(group: Group): readonly PredictionService[] {
    if (this.#options.exposeModel !== true) return [];
    return newestOf(group)?.current?.bare ?? [];
  }

  /** The definition that a bare model stands behind. */
  #ownerOf(name: string): Group | undefined {
    if (this.#options.exposeModel !== true || !name.includes(".model")) return undefined;
    return [...this.#groups.values()].find((group) => this.#bareOf(group).some((model) => model.name === name));
  }

  #findBare(name: string, version: string | undefined): PredictionService | undefined {
    const group = this.#ownerOf(name);
    if (group === undefined) return undefined;
    const slots = [...group.lanes.values()].sort(newerFirst);
    const slot = version === undefined ? slots[0] : slots.find(({ current }) => current?.version === version);
    return slot?.current?.bare.find((model) => model.name === name);
  }

  #slot(name: string): ModelSlot {
    const slot = newestOf(this.#known(name));
    if (slot === null) throw trimaranError("REQUEST_NO_SERVICE", { name });
    return slot;
  }

  #addGroup(name: string): Group {
    const service = slotService(() => {
      const group = this.#groups.get(name);
      return group === undefined ? null : newestOf(group);
    });
    const group: Group = { name, lanes: new Map(), requests: new Map(), service, wanted: false };
    this.#groups.set(name, group);
    return group;
  }

  #addSlot(group: Group, lane: string): ModelSlot {
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

function bareStatuses({ current }: ModelSlot): readonly ModelStatus[] {
  if (current === null) return [];
  return current.bare.map(({ name }) => ({ name, version: current.version, state: "READY", reason: "" }));
}

/** The slot whose version is the newest by number, the first target's where versions are no numbers. */
function newestOf({ lanes }: Group): ModelSlot | null {
  let newest: ModelSlot | null = null;
  for (const slot of lanes.values()) if (newest === null || newerFirst(slot, newest) < 0) newest = slot;
  return newest;
}

function newerFirst(one: ModelSlot, other: ModelSlot): number {
  if (one.current === null || other.current === null)
    return Number(one.current === null) - Number(other.current === null);
  return compareVersions(other.current.version, one.current.version);
}

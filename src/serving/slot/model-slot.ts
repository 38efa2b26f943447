// The place of one model that is served: a new version is loaded beside the one that serves, verified, warmed, and put in its place
// between two calls; the old one finishes what it began.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { Answers } from "../answers.ts";
import type { ModelStatus } from "../catalog.ts";
import type { AnswerOptions, PredictionService } from "../prediction-service.ts";
import { LoadedVersion } from "./loaded-version.ts";
import { ShadowQueue } from "./shadow-queue.ts";
import type { AnsweredEvent, ServingRole, SlotEvent } from "./slot-event.ts";
import { stickyKeyOf } from "./sticky-key.ts";
import { isInShare } from "./sticky-share.ts";
import { isSamePlan, type TargetPlan } from "./target-plan.ts";
import { verifyVersion } from "./verify-version.ts";
import type { VersionCounts } from "./version-counts.ts";
import { type WarmOptions, warmVersion } from "./warm-version.ts";

export interface ModelSlotOptions {
  readonly name: string;
  readonly open: (plan: TargetPlan) => Promise<PredictionService>;
  /** How many versions that served are kept for `rollback`. @default 1 */
  readonly keep?: number;
  /** Whether a version may take fewer inputs or answer less than the one that it replaces. @default false */
  readonly allowIncompatible?: boolean;
  /** @default {} */
  readonly warm?: WarmOptions;
  readonly onEvent: (event: SlotEvent) => void;
  /** Null while nobody listens. */
  readonly answered: () => ((event: AnsweredEvent) => void) | null;
}

export interface Refusal {
  /** Null where it failed before it was known. */
  readonly version: string | null;
  readonly reason: string;
  readonly error?: unknown;
}

interface Call {
  readonly rows: readonly unknown[];
  readonly options: AnswerOptions;
}

interface Canary {
  readonly version: LoadedVersion;
  readonly share: number;
}

export class ModelSlot {
  readonly #options: Required<ModelSlotOptions>;
  #current: LoadedVersion | null = null;
  readonly #previous: LoadedVersion[] = [];
  readonly #leaving = new Set<LoadedVersion>();
  /** Loaded for a change that is to come. */
  readonly #staged = new Set<LoadedVersion>();
  #shadow: ShadowQueue | null = null;
  #canary: Canary | null = null;
  /** Every change of what serves is numbered as it is asked for, so that what was asked for last wins. */
  readonly #asked = { serve: 0, shadow: 0, canary: 0 };
  readonly #done = { serve: 0, shadow: 0, canary: 0 };
  readonly #loading = new Set<TargetPlan>();
  /** The version that served before it was unloaded. */
  #unloaded: string | null = null;
  #refused: Omit<Refusal, "error"> | null = null;

  constructor(options: ModelSlotOptions) {
    const { keep = 1, allowIncompatible = false, warm = {} } = options;
    this.#options = { ...options, keep, allowIncompatible, warm };
  }

  get name(): string {
    return this.#options.name;
  }

  /** The version that serves. */
  get current(): LoadedVersion | null {
    return this.#current;
  }

  /** The version that answers a share. */
  get canary(): LoadedVersion | null {
    return this.#canary?.version ?? null;
  }

  /** @throws SERVICE_NOT_READY when nothing is loaded, and what the version throws */
  async answer(rows: readonly unknown[], options: AnswerOptions = {}): Promise<Answers> {
    return this.answerNow(rows, options);
  }

  /** The same, at once where nothing has to be waited for. */
  answerNow(rows: readonly unknown[], options: AnswerOptions = {}): Answers | Promise<Answers> {
    const current = this.#current;
    if (current === null) throw trimaranError("SERVICE_NOT_READY", { state: "unloaded" });
    // Before the answer, because whoever answers may change its rows.
    this.#shadow?.push(rows, options);
    return this.#choose(current, { rows, options }).answerNow(rows, options);
  }

  #choose(current: LoadedVersion, { rows, options }: Call): LoadedVersion {
    const canary = this.#canary;
    if (canary === null) return current;
    const key = stickyKeyOf(current.service, rows, options);
    return key !== null && isInShare(key, canary.share) ? canary.version : current;
  }

  /**
   * Loads a version for a change that is to come, and changes nothing: `load`, `setShadow` and `setCanary` take it from here. One
   * that is in memory already is not loaded again. `against`: whose callers it must fit.
   * @throws as `load`
   */
  async stage(
    plan: TargetPlan,
    role: ServingRole,
    against: PredictionService | null = this.#current?.service ?? null,
  ): Promise<void> {
    const isHere = (version: LoadedVersion | null | undefined): boolean =>
      version != null && isSamePlan(version.plan, plan);
    const challengers = role === "shadow" ? [] : [this.#canary?.version];
    if (role === "champion") challengers.push(this.#shadow?.version);
    if ([...this.#staged, ...this.#previous, ...challengers].some(isHere)) return;
    this.#staged.add(await this.#open(plan, role, against));
  }

  /** Frees what was staged and not taken. */
  unstage(): void {
    for (const version of this.#staged) this.#retire(version);
    this.#staged.clear();
  }

  /**
   * Loads a version and puts it in the place of the one that serves. When it fails, what served goes on.
   * @throws what loading throws; SLOT_CHANGED, SLOT_INCOMPATIBLE, SLOT_EXAMPLE, CHECK_FAILED; SLOT_SUPERSEDED when a later load,
   * rollback or unload was done first
   */
  async load(plan: TargetPlan): Promise<void> {
    const turn = ++this.#asked.serve;
    const version = this.#take(plan, "champion") ?? this.#takeChallenger(plan);
    const opened = version ?? (await this.#openChampion(plan, turn));
    if (turn < this.#done.serve) throw this.#supersede(opened);
    this.#done.serve = turn;
    this.#refused = null;
    this.#serve(opened);
  }

  #openChampion(plan: TargetPlan, turn: number): Promise<LoadedVersion> {
    return this.#open(plan, "champion").catch((error: unknown) => {
      // What a later load has put right since is not told any more.
      if (turn > this.#done.serve) this.#refused = { version: plan.version, reason: reasonOf(error) };
      throw error;
    });
  }

  /** One that was staged, or that served before and is kept. */
  #take(plan: TargetPlan, role: ServingRole): LoadedVersion | null {
    const kept = this.#previous.findLastIndex((version) => isSamePlan(version.plan, plan));
    const staged = [...this.#staged].find((version) => isSamePlan(version.plan, plan));
    const version = staged ?? (kept < 0 ? undefined : this.#previous.splice(kept, 1)[0]);
    if (version === undefined) return null;
    this.#staged.delete(version);
    version.role = role;
    return version;
  }

  /** A challenger that becomes the champion goes on as it is. */
  #takeChallenger(plan: TargetPlan): LoadedVersion | null {
    const version = [this.#canary?.version, this.#shadow?.version].find(
      (each) => each !== undefined && isSamePlan(each.plan, plan),
    );
    if (version !== undefined) this.#release(version);
    return version ?? null;
  }

  #release(version: LoadedVersion): void {
    if (version === this.#canary?.version) {
      this.#done.canary = ++this.#asked.canary;
      this.#canary = null;
    } else {
      this.#done.shadow = ++this.#asked.shadow;
      this.#shadow?.close();
      this.#shadow = null;
    }
    version.role = "champion";
  }

  /** @throws SLOT_NO_PREVIOUS */
  rollback(): void {
    const version = this.#previous.pop();
    if (version === undefined) throw trimaranError("SLOT_NO_PREVIOUS", { name: this.name });
    this.#done.serve = ++this.#asked.serve;
    const from = this.#current;
    this.#current = version;
    this.#tell({ kind: "swapped", from: from?.version ?? null, ...this.#face(version) });
    if (from !== null) this.#retire(from);
  }

  /** A challenger that gets a copy of every call. Null takes it away. @throws what `load` throws */
  async setShadow(plan: TargetPlan | null): Promise<void> {
    const turn = ++this.#asked.shadow;
    const version = plan === null ? null : (this.#take(plan, "shadow") ?? (await this.#open(plan, "shadow")));
    if (turn < this.#done.shadow) throw this.#supersede(version);
    this.#done.shadow = turn;
    const old = this.#shadow;
    this.#shadow = version === null ? null : new ShadowQueue(version);
    old?.close();
    if (old !== null) this.#retire(old.version);
  }

  /** A challenger that answers a share of the calls, the same callers always. Null takes it away. @throws what `load` throws; SLOT_SHARE */
  async setCanary(canary: { readonly plan: TargetPlan; readonly share: number } | null): Promise<void> {
    const share = canary?.share ?? 0;
    if (!(share >= 0 && share <= 1)) throw trimaranError("SLOT_SHARE", { share });
    const turn = ++this.#asked.canary;
    const old = this.#canary;
    if (canary !== null && old !== null && isSamePlan(old.version.plan, canary.plan)) {
      this.#done.canary = turn;
      this.#canary = { version: old.version, share };
      return;
    }
    const taken = canary === null ? null : this.#take(canary.plan, "challenger");
    const version = canary === null ? null : (taken ?? (await this.#open(canary.plan, "challenger")));
    if (turn < this.#done.canary) throw this.#supersede(version);
    this.#done.canary = turn;
    const replaced = this.#canary;
    this.#canary = version === null ? null : { version, share };
    if (replaced !== null) this.#retire(replaced.version);
  }

  /** The canary, else the shadow, serves from now on. @throws SLOT_NO_CHALLENGER */
  promoteChallenger(): void {
    const version = this.#canary?.version ?? this.#shadow?.version;
    if (version === undefined) throw trimaranError("SLOT_NO_CHALLENGER", { name: this.name });
    this.#release(version);
    this.#done.serve = ++this.#asked.serve;
    this.#serve(version);
  }

  /** Notes a version that failed before it came here. */
  refuse({ version, reason, error }: Refusal): void {
    const named = version ?? this.#current?.version ?? this.#unloaded ?? "1";
    this.#refused = { version, reason };
    this.#tell({ kind: "refused", name: this.name, version: named, role: "champion", reason, error });
  }

  /** Nothing answers from now on; what is in flight is answered. */
  unload(): void {
    for (const what of ["serve", "shadow", "canary"] as const) this.#done[what] = ++this.#asked[what];
    this.#shadow?.close();
    this.#unloaded = this.#current?.version ?? this.#unloaded;
    const versions = [this.#current, ...this.#previous.splice(0), this.#shadow?.version, this.#canary?.version];
    this.#current = null;
    this.#shadow = null;
    this.#canary = null;
    this.#refused = null;
    for (const version of versions) if (version) this.#retire(version);
    this.unstage();
  }

  /** The current version first; what is loading and what is still being drained too. */
  statuses(): readonly ModelStatus[] {
    const { name } = this;
    const refused = this.#refused;
    const statuses: ModelStatus[] = [];
    const current = this.#current;
    if (current !== null) {
      const reason = refused === null ? "" : `${refusedVersion(refused)} was refused: ${refused.reason}`;
      statuses.push({ name, version: current.version, state: "READY", reason });
    } else if (refused !== null) {
      statuses.push({
        name,
        version: refused.version ?? this.#unloaded ?? "1",
        state: "UNAVAILABLE",
        reason: refused.reason,
      });
    } else if (this.#unloaded !== null && this.#loading.size === 0 && this.#leaving.size === 0) {
      statuses.push({ name, version: this.#unloaded, state: "UNAVAILABLE", reason: "unloaded" });
    }
    const canary = this.#canary?.version;
    if (canary !== undefined && !statuses.some(({ version }) => version === canary.version)) {
      statuses.push({ name, version: canary.version, state: "READY", reason: "" });
    }
    for (const { version } of this.#loading) {
      if (!statuses.some((each) => each.version === version)) {
        statuses.push({ name, version, state: "LOADING", reason: "" });
      }
    }
    for (const { version } of this.#leaving) {
      if (!statuses.some((each) => each.version === version)) {
        statuses.push({ name, version, state: "UNLOADING", reason: "" });
      }
    }
    return statuses;
  }

  /** Of every version in memory that answers or may answer again. */
  counts(): readonly VersionCounts[] {
    const versions = [this.#current, this.#canary?.version, this.#shadow?.version, ...this.#previous, ...this.#leaving];
    return versions.flatMap((version) =>
      version ? [version.counter.counts(this.name, version.version, version.role)] : [],
    );
  }

  async #open(
    plan: TargetPlan,
    role: ServingRole,
    callers: PredictionService | null = this.#current?.service ?? null,
  ): Promise<LoadedVersion> {
    const { open, answered, allowIncompatible, warm } = this.#options;
    const face = { name: this.name, version: plan.version, role };
    const began = performance.now();
    this.#loading.add(plan);
    this.#tell({ kind: "loading", ...face });
    let service: PredictionService | null = null;
    try {
      service = await open(plan);
      const against = allowIncompatible ? null : callers;
      const notes = await verifyVersion(service, { plan, against });
      const version = new LoadedVersion({ plan, service, role, answered, onFreed: (freed) => this.#freed(freed) });
      await warmVersion(version, warm);
      this.#tell({ kind: "ready", loadMs: performance.now() - began, notes, ...face });
      return version;
    } catch (error) {
      await service?.close().catch(() => {});
      this.#tell({ kind: "refused", reason: reasonOf(error), error, ...face });
      throw error;
    } finally {
      this.#loading.delete(plan);
    }
  }

  #serve(version: LoadedVersion): void {
    const from = this.#current;
    this.#current = version;
    this.#tell({ kind: "swapped", from: from?.version ?? null, ...this.#face(version) });
    // The same version, loaded anew: there is nothing to go back to.
    if (from !== null && isSamePlan(from.plan, version.plan)) this.#retire(from);
    else if (from !== null) this.#previous.push(from);
    while (this.#previous.length > this.#options.keep) this.#retire(this.#previous.shift() as LoadedVersion);
  }

  #supersede(version: LoadedVersion | null): Error {
    if (version !== null) this.#retire(version);
    return trimaranError("SLOT_SUPERSEDED", { name: this.name });
  }

  #retire(version: LoadedVersion): void {
    this.#leaving.add(version);
    this.#tell({ kind: "unloaded", ...this.#face(version) });
    version.retire();
  }

  #freed(version: LoadedVersion): void {
    this.#leaving.delete(version);
    this.#tell({ kind: "freed", ...this.#face(version) });
  }

  #face(version: LoadedVersion): { readonly name: string; readonly version: string; readonly role: ServingRole } {
    return { name: this.name, version: version.version, role: version.role };
  }

  #tell(event: SlotEvent): void {
    this.#options.onEvent(event);
  }
}

function refusedVersion({ version }: Pick<Refusal, "version">): string {
  return version === null ? "a newer version" : `version ${version}`;
}

/** Names, shapes and sentences only: it is shown to operators. */
export function reasonOf(error: unknown): string {
  if (!isTrimaranError(error)) return describeThrown(error);
  const issues = error.issues.slice(0, 5).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const more = error.issues.length > 5 ? ` and ${error.issues.length - 5} more` : "";
  return [error.message, ...issues].join(" ") + more;
}

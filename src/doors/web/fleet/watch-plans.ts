// Watches the models that are served and the definitions that they stand behind, and tells which plan has a newer one.
import { isTrimaranError } from "../../../base/errors.ts";
import type { ModelWatcher } from "../../../loaders/model-watcher.ts";
import { splitMembers } from "../../../loaders/split-members.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";
import { originKey, originOf } from "./origin.ts";

export interface WatchOptions {
  /** Undefined: nothing is watched. */
  readonly watcher: ModelWatcher | undefined;
  /** Rejected: what is new is not served. Where that was for now only, it is told again when it is seen again. */
  readonly onChange: (plan: TargetPlan) => Promise<void>;
}

interface Watched {
  plan: TargetPlan;
  watch: Disposable;
  readonly restart: () => void;
}

export class PlanWatches {
  readonly #options: WatchOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /**
   * Watches what these plans come from. A watch that goes on is not begun anew: what changes while a change is made would be taken
   * for what was there before.
   */
  update(plans: readonly TargetPlan[]): void {
    const wanted = new Map(
      plans.flatMap((plan) => placesOf(plan).map(([key, uris]) => [key, { plan, uris }] as const)),
    );
    for (const [key, { watch }] of this.#watched) {
      if (wanted.has(key)) continue;
      watch[Symbol.dispose]();
      this.#watched.delete(key);
    }
    for (const [key, { plan, uris }] of wanted) {
      const known = this.#watched.get(key);
      if (known === undefined) this.#start(key, plan, uris);
      else known.plan = plan;
    }
  }

  /** What it told of was nothing new: a registry is asked again from what is served. */
  renew(plan: TargetPlan): void {
    if (Object.keys(pinsOf(plan)).length === 0) return;
    for (const watched of this.#watched.values()) {
      if (watched.plan === plan) watched.restart();
    }
  }

  [Symbol.dispose](): void {
    this.update([]);
  }

  #start(key: string, plan: TargetPlan, uris: readonly string[]): void {
    const { watcher, onChange } = this.#options;
    const again = (error: unknown): void => {
      if (this.#watched.get(key) === watched && isPassing(error)) watched.restart();
    };
    const watch = (since?: number): Disposable =>
      watcher?.watch({ uris, pins: pinsOf(watched.plan), since }, () => void onChange(watched.plan).catch(again)) ??
      none;
    const restart = (): void => {
      watched.watch[Symbol.dispose]();
      watched.watch = watch();
    };
    const watched: Watched = { plan, watch: none, restart };
    this.#watched.set(key, watched);
    // Between the reading and now it may have changed already.
    watched.watch = watch(plan.readAt - readMarginMs);
  }
}

/** The versions of one folder are watched as one. */
function placesOf(plan: TargetPlan): readonly (readonly [key: string, uris: readonly string[]])[] {
  const origin = originKey(originOf(plan));
  return [
    [JSON.stringify(["model", origin, plan.uris, pinsOf(plan)]), plan.uris],
    [JSON.stringify(["modules", origin, plan.modules]), plan.modules],
  ];
}

/** Versions are listed a moment before the first of them is read, and file systems have coarser clocks. */
const readMarginMs = 1000;
const none: Disposable = { [Symbol.dispose]: () => {} };

function isPassing(error: unknown): boolean {
  return isTrimaranError(error) && (error.kind === "unavailable" || error.kind === "timeout" || error.kind === "busy");
}

function pinsOf({ packed = [] }: TargetPlan): Readonly<Record<string, string>> {
  const pins = packed.flatMap((model) => model.pins ?? []);
  return Object.fromEntries(pins.map(({ uri, fixed }) => [uri, splitMembers(fixed).uri]));
}

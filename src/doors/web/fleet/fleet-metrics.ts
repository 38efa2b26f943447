// The metrics of a whole service: what its workers report, what those that are gone have counted, and what only the supervisor knows.
import { type MetricFamily, type NumberSeries, sumFamilies } from "../../../io/metrics/metric-family.ts";
import type { GroupEvent, Member } from "../../../io/process-group.ts";

/** Why a worker was replaced. */
type RestartReason = "died" | "stuck" | "exchanged";
/** What became of a change of what is served. */
export type SwapResult = "done" | "refused";

export class FleetMetrics {
  /** The last report of each worker that is there. */
  readonly #last = new Map<Member, readonly MetricFamily[]>();
  /** What workers counted that are gone. */
  #past: readonly MetricFamily[] = [];
  readonly #stuck = new WeakSet<Member>();
  readonly #restarts = new Map<RestartReason, number>([
    ["died", 0],
    ["stuck", 0],
    ["exchanged", 0],
  ]);
  readonly #swaps = new Map<string, { readonly service: string; readonly result: SwapResult; count: number }>();
  readonly #loadSeconds = new Map<string, number>();

  happened({ kind, member }: GroupEvent): void {
    if (kind === "overdue") return;
    // One that is stuck is killed, and then dies.
    const isKnown = this.#stuck.has(member);
    if (kind === "stuck") this.#stuck.add(member);
    if (!isKnown) this.#restarted(kind);
  }

  #restarted(reason: RestartReason): void {
    this.#restarts.set(reason, (this.#restarts.get(reason) ?? 0) + 1);
  }

  swapped(service: string, result: SwapResult): void {
    const key = `${result} ${service}`;
    const known = this.#swaps.get(key) ?? { service, result, count: 0 };
    known.count++;
    this.#swaps.set(key, known);
  }

  /** `since`: when the change was wished for, by `performance.now()`. @throws what `change` throws */
  async measure(
    { names, since }: { readonly names: readonly string[]; readonly since: number },
    change: () => Promise<void>,
  ): Promise<void> {
    try {
      await change();
    } catch (error) {
      for (const name of names) this.swapped(name, "refused");
      throw error;
    }
    for (const name of names) {
      this.swapped(name, "done");
      this.#loadSeconds.set(name, (performance.now() - since) / 1000);
    }
  }

  /** Asks each; the last word of one that does not answer stands. */
  async collect(members: readonly Member[], ask: (member: Member) => Promise<unknown>): Promise<void> {
    await Promise.all(
      members.map(async (member) => {
        const value = await ask(member).catch(() => null);
        if (value !== null && !member.child.hasExited) this.report(member, value as readonly MetricFamily[]);
      }),
    );
  }

  report(worker: Member, families: readonly MetricFamily[]): void {
    this.#last.set(worker, families);
  }

  /** Its counters stay, or the sums would go backwards; what it has now is gone with it. */
  gone(worker: Member): void {
    const last = this.#last.get(worker);
    this.#last.delete(worker);
    if (last !== undefined) this.#past = sumFamilies([this.#past, last.flatMap(lasting)]);
  }

  /** One part a worker, with the last word of those that do not answer in time. */
  parts(ready: number): readonly (readonly MetricFamily[])[] {
    return [this.#own(ready), ...this.#last.values(), this.#past];
  }

  #own(ready: number): readonly MetricFamily[] {
    const load = [...this.#loadSeconds].map(([service, value]) => ({ labels: { service }, value }));
    return [
      {
        type: "gauge",
        across: "max",
        name: "trimaran_workers",
        help: "Worker processes that answer.",
        series: [{ labels: {}, value: ready }],
      },
      {
        type: "counter",
        name: "trimaran_worker_restarts_total",
        help: "Workers that were replaced, by reason.",
        series: [...this.#restarts].map(([reason, value]) => ({ labels: { reason }, value })),
      },
      {
        type: "counter",
        name: "trimaran_model_swaps_total",
        help: "Changes of what is served, by result: done in all workers, or refused while what served goes on.",
        series: [...this.#swaps.values()].map(({ service, result, count }) => ({
          labels: { service, result },
          value: count,
        })),
      },
      {
        type: "gauge",
        across: "max",
        name: "trimaran_model_load_seconds",
        help: "How long the last load of a service took until all workers served it.",
        series: load,
      },
    ];
  }
}

/** Of one process alone is what is labelled by it. */
function lasting(family: MetricFamily): readonly MetricFamily[] {
  if (family.type === "gauge") return [];
  if (family.type === "histogram") return [family];
  const series = family.series.filter(({ labels }: NumberSeries) => labels["pid"] === undefined);
  return series.length === 0 ? [] : [{ ...family, series }];
}

// What one version of a model did so far, as numbers that add up over processes.
import type { ServingRole } from "./slot-event.ts";

/** Upper bounds of the latency histogram in milliseconds; a last bucket takes the rest. */
export const latencyBoundsMs: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
];

/** Plain data: goes through IPC, and sums field by field. */
export interface VersionCounts {
  readonly name: string;
  readonly version: string;
  readonly role: ServingRole;
  /** Calls that were answered. */
  readonly calls: number;
  readonly rows: number;
  /** Rows without an answer. */
  readonly issues: number;
  /** Calls that threw. */
  readonly errors: number;
  /** Copies that a shadow did not get because its queue was full. */
  readonly dropped: number;
  /** Calls by latency, not cumulative: one a bound of `latencyBoundsMs`, and one for the rest. */
  readonly latency: readonly number[];
  readonly latencySumMs: number;
  readonly inFlight: number;
}

export class VersionCounter {
  calls = 0;
  rows = 0;
  issues = 0;
  errors = 0;
  dropped = 0;
  inFlight = 0;
  latencySumMs = 0;
  readonly latency: number[] = new Array<number>(latencyBoundsMs.length + 1).fill(0);

  observe(latencyMs: number): void {
    let bucket = 0;
    while (bucket < latencyBoundsMs.length && latencyMs > (latencyBoundsMs[bucket] as number)) bucket++;
    this.latency[bucket] = (this.latency[bucket] as number) + 1;
    this.latencySumMs += latencyMs;
  }

  counts(name: string, version: string, role: ServingRole): VersionCounts {
    const { calls, rows, issues, errors, dropped, latency, latencySumMs, inFlight } = this;
    return { name, version, role, calls, rows, issues, errors, dropped, latency: [...latency], latencySumMs, inFlight };
  }
}

// A definition's `lookup` as it runs: once a batch, in time, remembered for a while, and with a rule for its failures.
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { Warning } from "../data/batch.ts";
import { describeThrown } from "../data/describe-thrown.ts";
import type { Row } from "../data/schema-row.ts";
import type { ResolvedLookup } from "../deployment/resolved-deployment.ts";

export interface LookupCall {
  readonly time: Date;
  readonly signal: AbortSignal | undefined;
}

export interface LookedUp {
  /** One a row, in order; undefined where nothing was found out. */
  readonly extras: readonly unknown[];
  readonly warnings: readonly Warning[];
}

/** More answers than this are not remembered at a time. */
const maxRemembered = 10_000;

interface Remembered {
  readonly extra: unknown;
  readonly until: number;
}

export class LookupRunner {
  readonly #name: string;
  readonly #lookup: ResolvedLookup;
  /** By the row's JSON text, oldest first. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(name: string, lookup: ResolvedLookup) {
    this.#name = name;
    this.#lookup = lookup;
  }

  /** @throws LOOKUP_FAILED where the definition does not go on without */
  async run(rows: readonly Row[], call: LookupCall): Promise<LookedUp> {
    if (rows.length === 0) return { extras: [], warnings: [] };
    const { cacheMs } = this.#lookup;
    const extras: unknown[] = new Array(rows.length);
    const keys = cacheMs > 0 ? rows.map((row) => keyOf(row)) : [];
    const missing: number[] = [];
    const now = performance.now();
    for (const index of rows.keys()) {
      const known = cacheMs > 0 ? this.#remembered.get(keys[index]!) : undefined;
      if (known !== undefined && known.until > now) extras[index] = known.extra;
      else missing.push(index);
    }
    if (missing.length === 0) return { extras, warnings: [] };
    let found: readonly unknown[];
    try {
      found = await this.#fetch(
        missing.map((index) => rows[index]!),
        call,
      );
    } catch (error) {
      if (this.#lookup.onError === "fail") throw error;
      return { extras, warnings: [{ code: "lookup_failed", field: "lookup", count: missing.length }] };
    }
    for (const [at, index] of missing.entries()) {
      extras[index] = found[at];
      if (cacheMs > 0) this.#remember(keys[index]!, { extra: found[at], until: performance.now() + cacheMs });
    }
    return { extras, warnings: [] };
  }

  async #fetch(rows: readonly Row[], { time, signal }: LookupCall): Promise<readonly unknown[]> {
    const { fetch, timeoutMs } = this.#lookup;
    const late = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? late : AbortSignal.any([late, signal]);
    // A lookup that does not look at its signal must not hold the answer up.
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(either.reason);
    either.addEventListener("abort", onAbort, { once: true });
    let found: unknown;
    try {
      found = await Promise.race([(async () => fetch(rows, { signal: either, time }))(), ended]);
    } catch (cause) {
      const problem = late.aborted ? `it took longer than ${timeoutMs} ms` : describeThrown(cause);
      throw this.#failed(problem, cause);
    } finally {
      either.removeEventListener("abort", onAbort);
    }
    if (!Array.isArray(found)) throw this.#failed("it must give a list, one item a row", undefined);
    if (found.length !== rows.length) {
      throw this.#failed(`it gave ${found.length} items for ${rows.length} rows`, undefined);
    }
    return found;
  }

  #failed(problem: string, cause: unknown): TrimaranError {
    return trimaranError("LOOKUP_FAILED", { name: this.#name, problem }, { cause });
  }

  #remember(key: string, remembered: Remembered): void {
    this.#remembered.delete(key);
    if (this.#remembered.size >= maxRemembered) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest!);
    }
    this.#remembered.set(key, remembered);
  }
}

function keyOf(row: Row): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

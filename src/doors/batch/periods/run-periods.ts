// Units of many periods: what is done is left, the others run, some at once; a failure is noted and the rest goes on.
import { setMaxListeners } from "node:events";
import { isTrimaranError, type TrimaranError, trimaranError } from "../../../base/errors.ts";
import type { RunHooks, ScoreUnit, Scoring, UnitPlan, UnitResult, UnitState } from "../scoring.ts";

export interface PeriodResult {
  readonly unit: ScoreUnit;
  /**
   * - `scored`, `failed`
   * - `skipped`: it was done, of the same things
   * - `stopped`: the whole was interrupted before its end
   */
  readonly outcome: "scored" | "skipped" | "failed" | "stopped";
  /** What it was before; null: that could not be told. */
  readonly state: UnitState | null;
  /** Why it ran, or did not, or failed. */
  readonly why: string;
  readonly result: UnitResult | null;
  readonly error: TrimaranError | null;
}

export interface RunPeriodsOptions {
  /** How many at once. */
  readonly parallel: number;
  /** Leaves units that are published of the same inputs, model and definition. */
  readonly skipsDone: boolean;
  readonly signal: AbortSignal;
  /** Of one unit; its signal is the one above. */
  readonly hooks: (unit: ScoreUnit) => Omit<RunHooks, "signal">;
  readonly onEnd?: (result: PeriodResult) => Promise<void>;
}

/** In the order of the units. Never throws for what befalls one of them. */
export async function runPeriods(
  scoring: Scoring,
  units: readonly ScoreUnit[],
  options: RunPeriodsOptions,
): Promise<readonly PeriodResult[]> {
  const { parallel, signal, onEnd } = options;
  setMaxListeners(0, signal);
  const results: PeriodResult[] = [];
  const queue = units.entries();
  const lane = async (): Promise<void> => {
    for (const [at, unit] of queue) {
      const result = signal.aborted ? stopped(unit, null) : await runOne(scoring, unit, options);
      results[at] = result;
      if (!signal.aborted) await onEnd?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, units.length) }, lane));
  return results;
}

async function runOne(
  scoring: Scoring,
  unit: ScoreUnit,
  { skipsDone, signal, hooks }: RunPeriodsOptions,
): Promise<PeriodResult> {
  let plan: UnitPlan | null = null;
  try {
    plan = await scoring.plan(unit, signal);
    const { state, why } = plan;
    if (state === "done" && skipsDone) return { unit, outcome: "skipped", state, why, result: null, error: null };
    const result = await scoring.run(unit, { ...hooks(unit), signal });
    return { unit, outcome: "scored", state, why, result, error: null };
  } catch (cause) {
    if (signal.aborted) return stopped(unit, plan);
    const error = toldError(cause);
    return { unit, outcome: "failed", state: plan?.state ?? null, why: error.message, result: null, error };
  }
}

function stopped(unit: ScoreUnit, plan: UnitPlan | null): PeriodResult {
  const why = plan === null ? "it was not begun" : "it was interrupted; what it kept is used by the next run";
  return { unit, outcome: "stopped", state: plan?.state ?? null, why, result: null, error: null };
}

function toldError(cause: unknown): TrimaranError {
  if (isTrimaranError(cause)) return cause;
  const problem = cause instanceof Error ? `${cause.name}: ${cause.message}` : "something that is no error was thrown";
  return trimaranError("INTERNAL", { problem }, { cause });
}

export interface PeriodPlan {
  readonly unit: ScoreUnit;
  /** null: it cannot be told, for the reason of the error. */
  readonly plan: UnitPlan | null;
  readonly error: TrimaranError | null;
}

/** What a run would do, period by period. @throws the signal's reason */
export async function planPeriods(
  scoring: Scoring,
  units: readonly ScoreUnit[],
  signal: AbortSignal,
): Promise<readonly PeriodPlan[]> {
  const plans: PeriodPlan[] = [];
  for (const unit of units) {
    signal.throwIfAborted();
    try {
      plans.push({ unit, plan: await scoring.plan(unit, signal), error: null });
    } catch (cause) {
      signal.throwIfAborted();
      plans.push({ unit, plan: null, error: toldError(cause) });
    }
  }
  return plans;
}

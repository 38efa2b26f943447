// `trimaran score --backfill`: the periods of a range, and the table at the end.

import { type PeriodPlan, type PeriodResult, planPeriods, runPeriods } from "../doors/batch/periods/run-periods.ts";
import type { ScoreUnit, Scoring } from "../doors/batch/scoring.ts";
import { errorAsJson } from "../tables/row-encoder.ts";
import type { CommandCall } from "./command.ts";
import { counted } from "./counted.ts";
import { exitCodeOf, exitDone, exitFailed, exitInterrupted, exitTemporary } from "./exit-code.ts";
import { isTerminal } from "./host.ts";
import { onOneLine } from "./messages.ts";
import type { Backtester } from "./score-backtest.ts";
import { openScoreProgress, type ScoreProgress } from "./score-progress.ts";
import { noticesOf, planJson, resultJson, resultText } from "./score-report.ts";
import { isOn, numberOf, textOf } from "./settings.ts";
import { writeOutput } from "./write-output.ts";

export interface Backfill {
  readonly scoring: Scoring;
  readonly units: readonly ScoreUnit[];
  readonly backtester: Backtester;
}

export async function planBackfill({ settings, host }: CommandCall, { scoring, units }: Backfill): Promise<number> {
  const plans = await planPeriods(scoring, units, host.signal);
  const text = isOn(settings, "json") ? `${JSON.stringify({ periods: plans.map(planRecord) })}\n` : planTable(plans);
  await writeOutput(host.stdout, text);
  return exitDone;
}

export async function runBackfill(call: CommandCall, { scoring, units, backtester }: Backfill): Promise<number> {
  const { settings, host, messages } = call;
  const parallel = numberOf(settings, "parallel") ?? 1;
  const isQuiet = parallel > 1 && isTerminal(host.stderr);
  const open = new Map<ScoreUnit, ScoreProgress>();
  let ended = 0;
  const end = (unit: ScoreUnit): void => {
    open.get(unit)?.[Symbol.dispose]();
    open.delete(unit);
  };
  const results = await runPeriods(scoring, units, {
    parallel,
    skipsDone: textOf(settings, "since") !== "nothing",
    signal: host.signal,
    hooks: (unit) => {
      const progress = isQuiet ? null : openScoreProgress(host, messages, unit.period);
      if (progress !== null) open.set(unit, progress);
      return {
        ...(progress === null ? {} : { onProgress: progress.update }),
        onNotice: (text) => messages.info(`${unit.period}: ${text}`),
        ...(backtester.beforePublish === undefined ? {} : { beforePublish: backtester.beforePublish }),
      };
    },
    onEnd: async (result) => {
      end(result.unit);
      ended++;
      await tell(call, result, `${ended} of ${units.length}`);
      if (result.result !== null) await backtester.log(result.result);
    },
  }).finally(() => {
    for (const unit of open.keys()) end(unit);
  });
  const text = isOn(settings, "json") ? `${JSON.stringify(backfillJson(results))}\n` : resultTable(results);
  await writeOutput(host.stdout, text);
  return exitOf(results);
}

async function tell(
  { messages }: CommandCall,
  { unit, result, outcome, error, why }: PeriodResult,
  of: string,
): Promise<void> {
  const named = `${unit.period} (${of})`;
  if (result !== null) {
    messages.info(onOneLine(`${named}: ${resultText(result)}`));
    for (const notice of noticesOf(result)) messages.warn(`${unit.period}: ${notice}`);
  } else if (outcome === "skipped") messages.info(onOneLine(`${named}: left as it is, ${why}`));
  else if (error !== null) messages.warn(onOneLine(`${named} failed: ${error.message} ${error.fix}`));
}

/** 75 only where all that failed may be mended by trying again. */
function exitOf(results: readonly PeriodResult[]): number {
  if (results.some(({ outcome }) => outcome === "stopped")) return exitInterrupted;
  const codes = results.flatMap(({ error }) => (error === null ? [] : [exitCodeOf(error)]));
  if (codes.length === 0) return exitDone;
  return codes.every((code) => code === exitTemporary) ? exitTemporary : exitFailed;
}

function backfillJson(results: readonly PeriodResult[]): Readonly<Record<string, unknown>> {
  const count = (outcome: PeriodResult["outcome"]): number => results.filter((each) => each.outcome === outcome).length;
  return {
    periods: results.map(({ unit, outcome, state, why, result, error }) => ({
      period: unit.period,
      outcome,
      state,
      why,
      ...(result === null ? {} : resultJson(result)),
      ...(error === null ? {} : errorAsJson(error)),
    })),
    scored: count("scored"),
    skipped: count("skipped"),
    failed: count("failed"),
    stopped: count("stopped"),
  };
}

function resultTable(results: readonly PeriodResult[]): string {
  const rows = results.map(({ unit, outcome, why, result, error }) => [
    unit.period ?? "",
    outcome,
    result === null ? "" : counted(result.manifest.rows.written),
    result === null ? "" : counted(result.manifest.rows.rejected),
    result === null ? "" : result.seconds.toFixed(1),
    onOneLine(error === null ? why : `${error.code}: ${error.message}`),
  ]);
  return tableText([["period", "outcome", "rows", "rejected", "seconds", "why"], ...rows], [2, 3, 4]);
}

function planRecord({ unit, plan, error }: PeriodPlan): Readonly<Record<string, unknown>> {
  if (plan !== null) return planJson(plan);
  return {
    period: unit.period,
    output: null,
    state: null,
    why: error?.message,
    ...(error === null ? {} : errorAsJson(error)),
  };
}

function planTable(plans: readonly PeriodPlan[]): string {
  const rows = plans.map(({ unit, plan, error }) => [
    unit.period ?? "",
    plan?.state ?? "fails",
    plan === null ? "" : String(plan.inputs.length),
    onOneLine(error?.message ?? plan?.why ?? ""),
  ]);
  return tableText([["period", "state", "files", "why"], ...rows], [2]);
}

/** @param right columns of numbers */
function tableText(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd();
  return `${rows.map(line).join("\n")}\n`;
}

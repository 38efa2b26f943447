// What was typed for `trimaran score` → a unit to score and how, checked before anything is opened.
import { trimaranError } from "../base/errors.ts";
import { type MaxRejects, parseMaxRejects } from "../doors/batch/max-rejects.ts";
import { fillPeriod, monthBefore, type Period, parsePeriod } from "../doors/batch/period.ts";
import { periodRange } from "../doors/batch/periods/period-range.ts";
import type { ScoreUnit } from "../doors/batch/scoring.ts";
import { listOf, numberOf, type Settings, textOf } from "./settings.ts";

export interface ScoreUrls {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** As typed, with their places. @throws USAGE_INVALID */
export function scoreUrls(settings: Settings): ScoreUrls {
  const inputs = listOf(settings, "input");
  const output = textOf(settings, "output");
  if (inputs.length === 0) throw wrong("--input names what to score.");
  if (output === null) throw wrong("--output names the file or folder to write.");
  if (inputs.includes("-") || output === "-")
    throw wrong("`score` reads and writes files; `predict` takes rows from stdin.");
  return { inputs, output };
}

/** @throws BATCH_PERIOD */
export function unitOf({ inputs, output }: ScoreUrls, period: Period | null): ScoreUnit {
  return {
    inputs: inputs.map((url) => fillPeriod(url, period)),
    output: fillPeriod(output, period),
    period: period?.name ?? null,
  };
}

/** null: none was asked for. @throws BATCH_PERIOD, USAGE_INVALID */
export function askedPeriod(settings: Settings, now: Date): Period | null {
  const text = textOf(settings, "period");
  const date = textOf(settings, "run-date");
  if (text !== "last-month") {
    if (date !== null) throw wrong("--run-date goes with --period last-month.");
    return text === null ? null : parsePeriod(text);
  }
  if (date === null) return monthBefore(now);
  const day = new Date(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) {
    throw wrong("--run-date must be a day, such as 2021-04-02.");
  }
  return monthBefore(day);
}

/** null: no backfill was asked for. @throws BATCH_PERIOD, USAGE_INVALID */
export function backfillUnits(settings: Settings, urls: ScoreUrls): readonly ScoreUnit[] | null {
  const range = textOf(settings, "backfill");
  if (range === null) {
    if (numberOf(settings, "parallel") !== undefined) throw wrong("--parallel goes with --backfill.");
    return null;
  }
  if (textOf(settings, "period") !== null || textOf(settings, "run-date") !== null) {
    throw wrong("--backfill names the periods; --period and --run-date do not go with it.");
  }
  const units = periodRange(range, [...urls.inputs, urls.output]).map((period) => unitOf(urls, period));
  const outputs = units.map(({ output }) => output);
  const twice = outputs.find((output, at) => outputs.indexOf(output) !== at);
  if (twice === undefined) return units;
  throw wrong(
    "several periods of --backfill would write to one output; put {year}, {month}, {day} or {period} into --output.",
  );
}

/** @throws USAGE_INVALID */
export function maxRejectsOf(settings: Settings): MaxRejects | null {
  const text = textOf(settings, "max-rejects");
  if (text === null) return null;
  const limit = parseMaxRejects(text);
  if (limit === null) throw wrong("--max-rejects must be a number of rows or a share, such as 100 or 1%.");
  return limit;
}

function wrong(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "score" });
}

// The flags of a schedule → what is scored when, checked before anything is opened.
import { Cron } from "croner";
import { trimaranError } from "../../base/errors.ts";
import { hasPlaces, parsePeriod } from "../../doors/batch/period.ts";
import type { ScoreSchedule } from "../../packaging/package-plan.ts";
import { parseCron } from "../../packaging/schedules/cron-fields.ts";
import { dataFolder } from "../../packaging/schedules/kubernetes.ts";
import { type ScheduleTarget, scheduleTargets } from "../../packaging/schedules/schedule-readme.ts";
import { isLocal } from "../../packaging/schedules/score-schedule.ts";
import { listOf, numberOf, type Settings, textOf } from "../settings.ts";

/** null: none of the targets is a schedule. @throws USAGE_INVALID, BATCH_PERIOD */
export function scheduleOf(settings: Settings, targets: readonly string[]): ScoreSchedule | null {
  const asked = scheduleTargets.filter((target) => targets.includes(target));
  const inputs = listOf(settings, "input");
  const output = textOf(settings, "output");
  const months = textOf(settings, "backfill");
  if (asked.length === 0) {
    const given = [inputs.length > 0 && "input", output !== null && "output", months !== null && "backfill"];
    const [first] = given.filter((name) => name !== false);
    if (first !== undefined) throw usage(`--${first} is of --for ${scheduleTargets.join(", ")}.`);
    return null;
  }
  if (inputs.length === 0 || output === null) {
    throw usage(`--for ${asked.join(",")} needs --input and --output: what is scored, and where it is written.`);
  }
  const urls = [...inputs, output];
  for (const url of urls) assertUrl(url, asked);
  const monthly = urls.filter(hasPlaces);
  if (monthly.length > 0 && !hasPlaces(output)) {
    throw usage("--input has a month in it and --output has none: each run would replace the one before.");
  }
  if (monthly.some((url) => /\{day\}/.test(url)))
    throw usage("{day} is no part of a month; use {year}, {month}, {period}.");
  if (months !== null && !asked.includes("kubernetes")) throw usage("--backfill is of --for kubernetes.");
  if (months !== null && monthly.length === 0)
    throw usage("--backfill needs {year} and {month} in --input and --output.");
  const cron = (textOf(settings, "schedule") ?? "0 3 2 * *").trim().replaceAll(/[ \t]+/g, " ");
  const timeZone = textOf(settings, "time-zone") ?? "UTC";
  const fields = parseCron(cron);
  if (typeof fields === "string") throw usage(`--schedule ${JSON.stringify(cron)}: ${fields}.`);
  const schedule: ScoreSchedule = {
    cron,
    fields,
    timeZone,
    inputs,
    output,
    isMonthly: monthly.length > 0,
    place: placeOf(settings),
    backfill: months === null ? null : backfillOf(months, numberOf(settings, "shards") ?? null),
  };
  assertTimes(schedule);
  return schedule;
}

/** The next times of the schedule; none where there are none. */
export function nextRuns({ cron, timeZone }: Pick<ScoreSchedule, "cron" | "timeZone">, count: number): readonly Date[] {
  return new Cron(cron, { mode: "5-part", timezone: timeZone, paused: true }).nextRuns(count);
}

/** @throws USAGE_INVALID */
function assertTimes(schedule: ScoreSchedule): void {
  const { cron, timeZone, isMonthly } = schedule;
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw usage(`--time-zone ${JSON.stringify(timeZone)} is no time zone; write one such as UTC or Europe/Berlin.`);
  }
  let runs: readonly Date[];
  try {
    runs = nextRuns(schedule, 24);
  } catch {
    throw usage(`--schedule ${JSON.stringify(cron)} is no schedule of five fields.`);
  }
  if (runs.length === 0) throw usage(`--schedule ${JSON.stringify(cron)} never comes.`);
  // The month before a run is told in UTC.
  const month = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit" });
  const differs = runs.find((run) => month.format(run) !== run.toISOString().slice(0, 7));
  if (!isMonthly || differs === undefined) return;
  throw usage(
    `--schedule ${JSON.stringify(cron)} runs at ${differs.toISOString()}, which is another month in UTC than in ${timeZone}; take a later hour or day.`,
  );
}

/** @throws USAGE_INVALID */
function assertUrl(url: string, asked: readonly ScheduleTarget[]): void {
  if (/\p{Cc}/u.test(url) || !url.isWellFormed()) throw usage("a URL holds a control character.");
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url)) {
    throw usage(
      "a URL holds a user name or a password, which would be written into the folder; give it by environment.",
    );
  }
  if (!isLocal(url)) return;
  if (!url.startsWith("/"))
    throw usage(`${JSON.stringify(url)} must be an absolute path or a URL: a schedule runs elsewhere.`);
  if (asked.includes("kubernetes") && !url.startsWith(`${dataFolder}/`)) {
    throw usage(`${JSON.stringify(url)}: with kubernetes a local path lies below ${dataFolder}/, which is a volume.`);
  }
}

/** @throws USAGE_INVALID */
function placeOf(settings: Settings): string {
  const place = (textOf(settings, "place") ?? "").replace(/\/+$/, "");
  // Made of the name where it is known.
  if (place === "") return "";
  if (/^\/[A-Za-z0-9._/@+-]+$/.test(place) && !/(^|\/)\.\.(\/|$)/.test(place)) return place;
  throw usage("--place must be an absolute path of letters, digits and . _ - @ +.");
}

/** @throws USAGE_INVALID, BATCH_PERIOD */
function backfillOf(range: string, asked: number | null): NonNullable<ScoreSchedule["backfill"]> {
  const [, first = "", last = ""] = /^(\d{4}-\d{2})\.\.(\d{4}-\d{2})$/.exec(range) ?? [];
  if (first === "" || last === "") throw usage("--backfill must be two months, such as 2021-03..2022-04.");
  const index = (month: string): number => {
    const { year = "", month: of = "" } = parsePeriod(month).parts;
    return Number(year) * 12 + Number(of);
  };
  const count = index(last) - index(first) + 1;
  if (count < 1) throw usage("--backfill ends before it begins.");
  const shards = asked ?? Math.min(count, 100);
  if (shards < 1 || shards > count) throw usage(`--shards must be 1 to ${count}, the months of --backfill.`);
  return { range, shards };
}

function usage(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "package" });
}

// `2021-03..2022-04` → its periods: by day, month or year, whichever the places of the URLs are.
import { trimaranError } from "../../../base/errors.ts";
import { type Period, parsePeriod } from "../period.ts";

type Step = "year" | "month" | "day";

const lengths: { readonly [Each in Step]: number } = { year: 4, month: 7, day: 10 };
const maxPeriods = 10_000;

/**
 * The finest place decides; `{period}` alone is as the range is written.
 * @throws BATCH_PERIOD
 */
export function periodRange(text: string, urls: readonly string[]): readonly Period[] {
  const [from = "", to = from, ...more] = text.split("..");
  if (more.length > 0) throw wrong(`${JSON.stringify(text)} is no range`);
  const [first, last] = [parsePeriod(from.trim()), parsePeriod(to.trim())];
  const step = stepOf(urls, [first, last]);
  for (const { name } of [first, last]) {
    if (name.length > lengths[step]) throw wrong(`${name} is finer than the ${step}s that the URLs have places for`);
  }
  const end = edge(last, "last");
  const periods: Period[] = [];
  for (let date = edge(first, "first"); date <= end; date = next(date, step)) {
    if (periods.length === maxPeriods) throw wrong(`${text} has more than ${maxPeriods} periods`);
    periods.push(parsePeriod(date.toISOString().slice(0, lengths[step])));
  }
  if (periods.length === 0) throw wrong(`${JSON.stringify(text)} ends before it begins`);
  return periods;
}

function stepOf(urls: readonly string[], ends: readonly Period[]): Step {
  const all = urls.join(" ");
  if (all.includes("{day}")) return "day";
  if (all.includes("{month}")) return "month";
  if (all.includes("{period}")) {
    const length = Math.max(...ends.map(({ name }) => name.length));
    return length === lengths.day ? "day" : length === lengths.month ? "month" : "year";
  }
  return "year";
}

/** The first or the last day of a period. */
function edge({ name }: Period, side: "first" | "last"): Date {
  const [year = 0, month, day] = name.split("-").map(Number);
  if (side === "first") return new Date(Date.UTC(year, (month ?? 1) - 1, day ?? 1));
  if (day !== undefined && month !== undefined) return new Date(Date.UTC(year, month - 1, day));
  return new Date(Date.UTC(year, month ?? 12, 0));
}

function next(date: Date, step: Step): Date {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (step === "year") return new Date(Date.UTC(year + 1, 0, 1));
  return step === "month" ? new Date(Date.UTC(year, month + 1, 1)) : new Date(Date.UTC(year, month, day + 1));
}

function wrong(problem: string): Error {
  return trimaranError("BATCH_PERIOD", { problem, places: "{year}, {month}, {day}, {period}" });
}

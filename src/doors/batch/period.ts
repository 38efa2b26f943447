// A period, `2021`, `2021-03` or `2021-03-01`, and the URLs that it fills: `{year}`, `{month}`, `{day}`, `{period}`, zero-padded.
import { trimaranError } from "../../base/errors.ts";

export interface Period {
  /** As it was given: `2021-03`. */
  readonly name: string;
  readonly parts: Readonly<Record<string, string>>;
}

/** @throws BATCH_PERIOD */
export function parsePeriod(text: string): Period {
  const [, year = "", month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text) ?? [];
  const date = new Date(`${year}-${month ?? "01"}-${day ?? "01"}T00:00:00Z`);
  const isDay = year !== "" && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  if (!isDay) throw periodError(`${JSON.stringify(text)} is no year, no month and no day`);
  return {
    name: text,
    parts: { year, period: text, ...(month === undefined ? {} : { month }), ...(day === undefined ? {} : { day }) },
  };
}

/** The month before the one of `date`, in UTC. */
export function monthBefore(date: Date): Period {
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 1));
  return parsePeriod(first.toISOString().slice(0, 7));
}

const place = /\{(year|month|day|period)\}/g;

export function hasPlaces(url: string): boolean {
  return url.search(place) >= 0;
}

/** Without a period a URL must have no places. @throws BATCH_PERIOD */
export function fillPeriod(url: string, period: Period | null): string {
  return url.replace(place, (written, part: string) => {
    const value = period?.parts[part];
    if (value !== undefined) return value;
    throw periodError(
      period === null ? `${written} in a URL needs --period` : `the period ${period.name} has no ${part}`,
    );
  });
}

function periodError(problem: string): Error {
  return trimaranError("BATCH_PERIOD", { problem, places: "{year}, {month}, {day}, {period}" });
}

// A schedule of five fields, as cron, Kubernetes and Airflow all read it, taken apart: what one of them reads otherwise is refused.
//
//   minute hour day-of-month month weekday      0 3 2 * *   at 03:00 on the second of each month
//   *  a  a-b  a,b  */n  a-b/n  JAN  MON;  7 is Sunday, as 0 is

/** Ascending; null: every one. */
type FieldValues = readonly number[] | null;

export interface CronFields {
  readonly minutes: FieldValues;
  readonly hours: FieldValues;
  readonly days: FieldValues;
  readonly months: FieldValues;
  /** 0 is Sunday. */
  readonly weekdays: FieldValues;
}

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const rules: readonly FieldRule[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: months },
  { name: "weekday", min: 0, max: 7, names: weekdays },
];

/** The fields, or the sentence that says why there are none. */
export function parseCron(text: string): CronFields | string {
  const fields = text.trim().split(/[ \t]+/);
  if (fields.length !== rules.length) {
    return `a schedule has five fields: minute, hour, day of the month, month, weekday; ${fields.length} came`;
  }
  const read: FieldValues[] = [];
  for (const [at, field] of fields.entries()) {
    const values = readField(field, rules[at] as FieldRule);
    if (typeof values === "string") return values;
    read.push(values);
  }
  const [minutes, hours, days, monthsRead, weekdaysRead] = read as [
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
  ];
  const folded = weekdaysRead === null ? null : ascending(weekdaysRead.map((day) => day % 7));
  // A star with a step is a star for some and a list for others; with both fields that decides between "and" and "or".
  if ([fields[2], fields[4]].some((field) => /^\*\/|,\*/.test(field ?? "")) && days !== null && folded !== null) {
    return "a day of the month and a weekday are both given, one by */n, which schedulers read differently; list the days";
  }
  return { minutes, hours, days, months: monthsRead, weekdays: folded };
}

function readField(field: string, rule: FieldRule): FieldValues | string {
  if (field === "*") return null;
  const values: number[] = [];
  for (const part of field.split(",")) {
    const [, range = "", step] = /^(\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    const [from, to] = boundsOf(range, rule);
    const by = step === undefined ? 1 : Number(step);
    const isSingle = !range.includes("-") && range !== "*";
    if (range === "" || from === null || to === null || by < 1 || from > to || (isSingle && step !== undefined)) {
      return `${JSON.stringify(part)} is no ${rule.name} from ${rule.min} to ${rule.max}, range or list of them`;
    }
    for (let value = from; value <= to; value += by) values.push(value);
  }
  return ascending(values);
}

function boundsOf(range: string, rule: FieldRule): readonly [number | null, number | null] {
  // 7 is for who writes Sunday so; a star ends at 6.
  if (range === "*") return [rule.min, rule.name === "weekday" ? 6 : rule.max];
  const [first = "", second = first] = range.split("-");
  return [numberOf(first, rule), numberOf(second, rule)];
}

function numberOf(text: string, { names, min, max }: FieldRule): number | null {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : null;
}

function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((left, right) => left - right);
}

/** What `systemd.time` calls calendar events. Where a day of the month and a weekday are given, cron takes either: two events. */
export function calendarEvents(fields: CronFields, timeZone: string): readonly string[] {
  const two = (values: FieldValues): string =>
    values === null ? "*" : values.map((value) => String(value).padStart(2, "0")).join(",");
  const names = fields.weekdays === null ? "" : `${fields.weekdays.map((day) => systemdDay(day)).join(",")} `;
  const time = `${two(fields.hours)}:${two(fields.minutes)}:00 ${timeZone}`;
  const event = (weekday: string, days: FieldValues): string =>
    `${weekday}*-${two(fields.months)}-${two(days)} ${time}`;
  if (fields.days !== null && fields.weekdays !== null) return [event("", fields.days), event(names, null)];
  return [event(names, fields.days)];
}

function systemdDay(day: number): string {
  const name = weekdays[day] ?? "";
  return name.charAt(0) + name.slice(1).toLowerCase();
}

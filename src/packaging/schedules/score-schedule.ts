// The command line that every schedule runs, and the name that it has there.
import type { PackagePlan, ScoreSchedule } from "../package-plan.ts";

export interface ScheduledPlan extends PackagePlan {
  readonly score: ScoreSchedule;
}

/** The exit code of what failed for now; a schedule tries it again, and nothing else. */
export const retryLater = 75;

/** Behind `trimaran`. `folder`: where the target lies. */
export function scoreArguments(
  { target, serveArguments, score }: ScheduledPlan,
  { folder, period }: { readonly folder: string; readonly period: readonly string[] },
): readonly string[] {
  const place = /^[a-z][a-z0-9+.-]+:/i.test(target) ? target : `${folder}/${target}`;
  const inputs = score.inputs.flatMap((url) => ["--input", url]);
  const own = serveArguments.map((word) => movedTo(folder, word));
  return ["score", place, ...own, ...inputs, "--output", score.output, ...period];
}

/** What an image sets, for a machine on which the files of the plan lie in `folder`. */
export function scoreEnvironment({ environment }: PackagePlan, folder: string): readonly (readonly [string, string])[] {
  return Object.entries(environment).map(([name, value]) => [name, movedTo(folder, value)]);
}

/** Models that had to move are named by their place in the image. */
function movedTo(folder: string, text: string): string {
  return text.replace(/(^|=)\/app\/deployment\//, (_, before: string) => `${before}${folder}/`);
}

export function monthlyPeriod({ isMonthly }: ScoreSchedule): readonly string[] {
  return isMonthly ? ["--period", "last-month"] : [];
}

export function isLocal(url: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(url);
}

/** Of a name that Kubernetes, systemd and Airflow all take: lower case, digits, single dashes, at most 40. */
export function unitName({ name }: PackagePlan): string {
  const clean = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return clean === "" ? "trimaran-score" : `${clean}-score`;
}

export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

// The files of each kind of schedule.
import type { PackagedFiles } from "../package-plan.ts";
import { dagText } from "./airflow.ts";
import { cronScript, crontabText, scoreScript } from "./cron.ts";
import { cronJobText, indexedJobText } from "./kubernetes.ts";
import { type ScheduleTarget, scheduleReadme } from "./schedule-readme.ts";
import { type ScheduledPlan, unitName } from "./score-schedule.ts";
import { serviceUnit, timerUnit } from "./systemd.ts";

export function scheduleFiles(plan: ScheduledPlan, target: ScheduleTarget, all: ReadonlySet<string>): PackagedFiles {
  const readme = { "SCHEDULE.md": scheduleReadme(plan, all) };
  const unit = unitName(plan);
  switch (target) {
    case "cron":
      return { ...readme, [`${unit}.crontab`]: crontabText(plan), [cronScript]: scoreScript(plan) };
    case "systemd":
      return { ...readme, [`${unit}.service`]: serviceUnit(plan), [`${unit}.timer`]: timerUnit(plan) };
    case "airflow":
      return { ...readme, [`${unit.replaceAll("-", "_")}_dag.py`]: dagText(plan) };
    case "kubernetes":
      return {
        ...readme,
        "cronjob.yaml": cronJobText(plan),
        ...(plan.score.backfill === null ? {} : { "backfill-job.yaml": indexedJobText(plan) }),
      };
  }
}

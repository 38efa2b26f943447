// SCHEDULE.md: how to install what scores on a schedule.
import { cronScript } from "./cron.ts";
import { type ScheduledPlan, shellQuoted, unitName } from "./score-schedule.ts";
import { systemdInstall } from "./systemd.ts";

export const scheduleTargets = ["cron", "systemd", "kubernetes", "airflow"] as const;
export type ScheduleTarget = (typeof scheduleTargets)[number];

export function scheduleReadme(plan: ScheduledPlan, targets: ReadonlySet<string>): string {
  const { score, image } = plan;
  const unit = unitName(plan);
  const place = shellQuoted(score.place);
  const isOnMachine = ["cron", "systemd", "airflow"].some((target) => targets.has(target));
  const parts = [
    `# ${plan.name}, on a schedule

\`${score.cron}\` in ${score.timeZone}${score.isMonthly ? ": the month before the run is scored" : ""}. What failed for now (exit code 75) is tried again, anything else waits
for somebody. Output appears whole or not at all; a run that was killed goes on where it stopped.
`,
  ];
  if (isOnMachine) {
    parts.push(`## On a machine

It needs Node 24 or newer.

\`\`\`bash
sudo mkdir -p ${place} && sudo cp -a . ${place} && cd ${place}
sudo npm ci --omit=dev
\`\`\`
`);
  }
  if (targets.has("cron")) {
    parts.push(`## cron

\`\`\`bash
crontab ${unit}.crontab
\`\`\`

\`${cronScript}\` reads a file \`environment\` beside it, if there is one: \`AWS_ACCESS_KEY_ID=…\`, one a line.
`);
  }
  if (targets.has("systemd")) {
    parts.push(`## systemd

\`\`\`bash
${systemdInstall(plan)}\`\`\`

The user \`trimaran\` must be allowed to read the inputs and to write the output. \`systemctl list-timers ${unit}.timer\` tells the next run,
\`systemctl start ${unit}.service\` runs it now, \`journalctl -u ${unit}.service\` shows what it said.
`);
  }
  if (targets.has("kubernetes")) {
    parts.push(`## Kubernetes

\`\`\`bash
docker build -t ${image}:v1 .
kubectl create secret generic ${unit} --from-env-file=environment
kubectl apply -f cronjob.yaml
\`\`\`

The secret may be missing. Kubernetes 1.31 or newer${score.backfill === null ? "" : "; `backfill-job.yaml` wants 1.33: `kubectl create -f backfill-job.yaml`"}.
`);
  }
  if (targets.has("airflow")) {
    parts.push(`## Airflow

\`\`\`bash
cp ${unit.replaceAll("-", "_")}_dag.py "$AIRFLOW_HOME/dags/"
\`\`\`

for Airflow 2.4 or newer, or 3. The command runs on the worker; a run of an earlier date scores the month before that date.
`);
  }
  return parts.join("\n");
}

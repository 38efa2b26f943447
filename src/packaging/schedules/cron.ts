// A line for cron, and the script that it calls: cron itself knows no retries, and reads a percent sign as the end of a line.
import {
  monthlyPeriod,
  retryLater,
  type ScheduledPlan,
  scoreArguments,
  scoreEnvironment,
  shellQuoted,
  unitName,
} from "./score-schedule.ts";

export const cronScript = "score.sh";

export function crontabText(plan: ScheduledPlan): string {
  const { score } = plan;
  const place = shellQuoted(score.place).replaceAll("%", "\\%");
  return `# Written by \`trimaran package\`. \`crontab ${unitName(plan)}.crontab\` replaces a user's table; add the last lines to one that is there.
# Each run is logged to syslog. Debian's cron knows no CRON_TZ: it reads the line in the machine's own zone.
SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
CRON_TZ=${score.timeZone}
${score.cron} /bin/sh ${place}/${cronScript} 2>&1 | logger -t ${unitName(plan)}
`;
}

export function scoreScript(plan: ScheduledPlan): string {
  const { score } = plan;
  const words = scoreArguments(plan, { folder: "app", period: monthlyPeriod(score) });
  const settings = scoreEnvironment(plan, "app").map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`);
  return `#!/bin/sh
# Written by \`trimaran package\`. Scores once; what failed for now is tried again, five times in five hours.
# Two runs at once do no harm: one of them writes, the other says so and waits for its turn.
cd ${shellQuoted(score.place)} || exit 1
${settings.join("")}if [ -r ./environment ]; then set -a; . ./environment; set +a; fi
tries=0
while :; do
  ./node_modules/.bin/trimaran ${words.map(shellQuoted).join(" ")}
  code=$?
  [ "$code" -eq ${retryLater} ] && [ "$tries" -lt 5 ] || exit "$code"
  tries=$((tries + 1))
  sleep "\${RETRY_SECONDS:-3600}"
done
`;
}

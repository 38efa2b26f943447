// A timer and its service for systemd.
import { calendarEvents } from "./cron-fields.ts";
import {
  isLocal,
  monthlyPeriod,
  retryLater,
  type ScheduledPlan,
  scoreArguments,
  scoreEnvironment,
  unitName,
} from "./score-schedule.ts";

/** Names of accounts are short. */
const serviceUser = "trimaran";

export function timerUnit(plan: ScheduledPlan): string {
  const { score } = plan;
  const events = calendarEvents(score.fields, score.timeZone).map((event) => `OnCalendar=${event}`);
  return `# Written by \`trimaran package\`: ${score.cron}
[Unit]
Description=When ${oneLine(plan.name)} is scored

[Timer]
${events.join("\n")}
# A run that was missed while the machine was off is made up for.
Persistent=true

[Install]
WantedBy=timers.target
`;
}

export function serviceUnit(plan: ScheduledPlan): string {
  const { score } = plan;
  const unit = unitName(plan);
  const words = scoreArguments(plan, { folder: `${score.place}/app`, period: monthlyPeriod(score) });
  const settings = scoreEnvironment(plan, `${score.place}/app`).map(([name, value]) => [name, value].join("="));
  const outputs = isLocal(score.output) ? [fixedFolder(score.output)] : [];
  return `# Written by \`trimaran package\`.
[Unit]
Description=Scores ${oneLine(plan.name)}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=6h
StartLimitBurst=6

[Service]
Type=oneshot
User=${serviceUser}
WorkingDirectory=${path(score.place)}
ExecStart=${[`${score.place}/node_modules/.bin/trimaran`, ...words].map(word).join(" ")}
# What failed for now (exit code ${retryLater}), or was killed, is tried again; the rest waits for somebody.
Restart=on-failure
RestartPreventExitStatus=1 2
RestartSec=10min
Environment=TRIMARAN_HOME=/var/lib/${unit}
${settings.map((setting) => `Environment=${variable(setting)}\n`).join("")}# Keys and addresses: AWS_ACCESS_KEY_ID=…, MLFLOW_TRACKING_URI=…
EnvironmentFile=-/etc/${unit}.env
StateDirectory=${unit}
PrivateTmp=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
${outputs.map((folder) => `ReadWritePaths=-${path(folder)}\n`).join("")}`;
}

export function systemdInstall(plan: ScheduledPlan): string {
  const unit = unitName(plan);
  return `id ${serviceUser} || sudo useradd --system --no-create-home --shell /usr/sbin/nologin ${serviceUser}
sudo cp ${unit}.service ${unit}.timer /etc/systemd/system/
sudo systemctl daemon-reload
sudo systemctl enable --now ${unit}.timer
`;
}

/** One argument of a command line; `%` and `$` mean something there. */
function word(text: string): string {
  const quoted = text.replaceAll("%", "%%").replaceAll("$", () => "$$");
  if (/^[A-Za-z0-9_./:@%+=,{}*?$-]+$/.test(quoted)) return quoted;
  return `"${quoted.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** An assignment; `$` means nothing there. */
function variable(text: string): string {
  return word(text).replaceAll("$$", () => "$");
}

/** Paths are not quoted, but `%` means something. */
function path(text: string): string {
  return text.replaceAll("%", "%%");
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").replaceAll("%", "%%");
}

/** The folder above all that changes with the period. */
function fixedFolder(output: string): string {
  const [fixed = ""] = output.split("{", 1);
  const end = fixed.lastIndexOf("/");
  return end <= 0 ? "/" : fixed.slice(0, end);
}

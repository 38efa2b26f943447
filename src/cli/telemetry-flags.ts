// Flags of `serve` that are about what it tells and keeps: logs, predictions, truth.
import type { TelemetrySettings } from "../doors/web/observe/open-telemetry.ts";
import type { LogFormat } from "../io/log/log.ts";
import type { Flag } from "./flag.ts";
import { type CliOutput, isTerminal } from "./host.ts";
import type { LogLevel } from "./messages.ts";
import { isOn, numberOf, type Settings, textOf } from "./settings.ts";

export const telemetryFlags: readonly Flag[] = [
  {
    name: "log-format",
    value: "FORMAT",
    type: "choice",
    choices: ["text", "json"],
    says: "how stderr is written; without it text on a terminal, else a line of JSON each",
  },
  {
    name: "access-log",
    type: "switch",
    says: "a line on stderr for every request: route, status, time, request ID, never a value",
  },
  {
    name: "prediction-log",
    type: "switch",
    section: "feedback.log",
    says: "write every answered row below .trimaran/predictions (or --home), as the definition's feedback section samples and redacts it",
  },
  {
    name: "prediction-log-max-bytes",
    value: "SIZE",
    type: "bytes",
    fallback: 2 ** 30,
    says: "how much of it is kept; the oldest files are deleted. The same for truth",
  },
];

export function telemetrySettings(settings: Settings, stderr: CliOutput): TelemetrySettings {
  const given = settings.get("prediction-log");
  return {
    home: textOf(settings, "home") ?? ".trimaran",
    format: (textOf(settings, "log-format") as LogFormat | null) ?? (isTerminal(stderr) ? "text" : "json"),
    level: (textOf(settings, "log-level") ?? "info") as LogLevel,
    access: isOn(settings, "access-log"),
    // Where nobody says so here, each definition decides for itself.
    predictions: given === undefined || given.source === "default" ? undefined : given.value === true,
    maxBytes: numberOf(settings, "prediction-log-max-bytes"),
  };
}

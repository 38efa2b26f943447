// One call of the command line: argv in, exit code out. Everything else that it needs stands in the host.
import { trimaranError } from "../base/errors.ts";
import { setNativeThreads } from "../io/native-threads.ts";
import type { Command } from "./command.ts";
import { commands } from "./command-table.ts";
import { everywhere, jsonFlag, logLevelFlag } from "./common-flags.ts";
import { exitCodeOf, exitDone, exitInterrupted } from "./exit-code.ts";
import { environmentName } from "./flag.ts";
import type { CliHost } from "./host.ts";
import { type LogLevel, logLevels, type Messages, openMessages } from "./messages.ts";
import { version } from "./package-version.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { asTrimaranError, reportError } from "./report-error.ts";
import { isOn, resolveSettings, textOf } from "./settings.ts";
import { OutputClosed, writeOutput } from "./write-output.ts";

/** `argv` without the program itself: `["inspect", "model.pkl"]`. Never throws. */
export async function run(argv: readonly string[], host: CliHost): Promise<number> {
  let reporting = reportingBeforeParsing(argv, host);
  try {
    const parsed = parseCommandLine(argv, { commands, version: version() });
    if (parsed.kind === "text") {
      await writeOutput(host.stdout, parsed.text);
      return exitDone;
    }
    const { command, args, given } = parsed;
    const flags = [...command.flags, ...everywhere];
    const settings = resolveSettings({ command: command.name, flags, given, env: host.env });
    const level = textOf(settings, logLevelFlag.name) as LogLevel;
    reporting = { messages: openMessages(host, level), json: isOn(settings, jsonFlag.name) };
    // The first module that is imported starts them.
    if (command.nativeThreads !== undefined) setNativeThreads(command.nativeThreads(settings));
    const { execute } = await command.load();
    return await execute({ args: checkArgs(args, command), settings, host, messages: reporting.messages });
  } catch (thrown) {
    if (thrown instanceof OutputClosed) return exitDone;
    if (host.signal.aborted) return exitInterrupted;
    const error = asTrimaranError(thrown);
    reportError(error, reporting.messages, { json: reporting.json });
    return exitCodeOf(error);
  }
}

interface Reporting {
  readonly messages: Messages;
  readonly json: boolean;
}

/** A wrong command line is also told in the form that was asked for. */
function reportingBeforeParsing(argv: readonly string[], host: CliHost): Reporting {
  const asked = host.env[environmentName(jsonFlag)];
  const json = argv.includes("--json") || (asked !== undefined && /^(1|true|yes|on)$/i.test(asked));
  const [, level] = /^--log-level[= ](\w+)$/m.exec(argv.join("\n").replace("--log-level\n", "--log-level ")) ?? [];
  return { messages: openMessages(host, logLevels.find((known) => known === level) ?? "info"), json };
}

function checkArgs(args: readonly string[], command: Command): readonly string[] {
  if (command.argument !== null && args.some((arg) => arg === "")) {
    throw trimaranError("USAGE_INVALID", { problem: `${command.argument.name} is empty.`, command: command.name });
  }
  return args;
}

// argv → the command that is meant and what was typed for its flags, through commander; its complaints become ours.
import { Command as Commander, CommanderError, Option } from "commander";
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { everywhere } from "./common-flags.ts";
import { environmentName, type Flag, showFlagValue } from "./flag.ts";

export interface CommandLine {
  readonly commands: readonly Command[];
  readonly version: string;
  /** Columns of the terminal. @default 100 */
  readonly width?: number;
}

export type ParsedCommandLine =
  | {
      readonly kind: "call";
      readonly command: Command;
      readonly args: readonly string[];
      readonly given: ReadonlyMap<string, true | readonly string[]>;
    }
  /** `--help` and `--version`: a text for stdout. */
  | { readonly kind: "text"; readonly text: string };

/** @throws USAGE_INVALID, USAGE_COMMAND */
export function parseCommandLine(argv: readonly string[], line: CommandLine): ParsedCommandLine {
  let parsed: ParsedCommandLine | null = null;
  let text = "";
  const program = quiet(new Commander("trimaran"), line, (part) => {
    text += part;
  });
  program
    .description("A model file or an MLflow model as a web service, a batch job or a stream consumer, without Python.")
    .usage("COMMAND …")
    .version(line.version, "--version", "print the version")
    .helpOption("-h, --help", "print this; `trimaran COMMAND --help` tells more")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", `\n${generalHelp}`);
  for (const command of line.commands) {
    const sub = quiet(program.command(command.name), line, (part) => {
      text += part;
    });
    describe(sub, command);
    sub.action((...passed: unknown[]) => {
      const count = command.argument === null ? 0 : command.second === undefined ? 1 : 2;
      const args = passed.slice(0, count).flat() as string[];
      parsed = { kind: "call", command, args, given: givenFlags(sub, command) };
    });
  }
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0 && argv.length > 0) throw usageError(error, program, argv);
  }
  return parsed ?? { kind: "text", text: text === "" ? program.helpInformation() : text };
}

const generalHelp = `Every flag is also an environment variable: --log-level is TRIMARAN_LOG_LEVEL.
Exit codes: 0 done, 1 failed, 2 wrong usage, 75 failed for now (a retry may help), 130 interrupted.

Start here:
  trimaran inspect model.pkl      what is this file?
  trimaran init model.pkl         write a definition for it
  trimaran serve deployment.ts    answer requests with it
`;

function quiet(command: Commander, line: CommandLine, write: (text: string) => void): Commander {
  return command
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(line.width ?? 100, 120) })
    .configureOutput({
      writeOut: write,
      writeErr: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError(true);
}

function describe(sub: Commander, command: Command): void {
  const { argument, second } = command;
  sub
    .summary(command.says)
    .description([`${command.says.charAt(0).toUpperCase()}${command.says.slice(1)}.`, ...command.about].join("\n\n"))
    .helpOption("-h, --help", "print this");
  if (argument !== null) sub.argument(`<${argument.name}${argument.many ? "..." : ""}>`, argument.says);
  if (second !== undefined) sub.argument(`<${second.name}>`, second.says);
  for (const flag of [...command.flags, ...everywhere]) sub.addOption(commanderOption(flag));
  const examples = command.examples.map(({ says, line }) => `  # ${says}\n  ${line}`).join("\n\n");
  sub.addHelpText("after", `\nExamples:\n${examples}\n`);
}

function commanderOption(flag: Flag): Option {
  const names = `${flag.short === undefined ? "" : `-${flag.short}, `}--${flag.name}`;
  const value = flag.type === "switch" ? "" : ` <${flag.value ?? "VALUE"}>`;
  const notes = [
    ...(flag.choices === undefined ? [] : [flag.choices.join(", ")]),
    ...(flag.fallback === undefined ? [] : [`default: ${showFlagValue(flag, flag.fallback)}`]),
    `env: ${[environmentName(flag), flag.environment].filter((name) => name !== undefined).join(", ")}`,
  ];
  const option = new Option(`${names}${value}`, `${flag.says} (${notes.join("; ")})`);
  if (flag.type === "switch") return option;
  return option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
}

function givenFlags(sub: Commander, command: Command): ReadonlyMap<string, true | readonly string[]> {
  const given = new Map<string, true | readonly string[]>();
  const options = sub.opts<Record<string, boolean | readonly string[]>>();
  for (const flag of [...command.flags, ...everywhere]) {
    const value = options[flag.name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    // `--no-X` is the other end of the switch `--X`.
    if (value === false) given.set(`no-${flag.name}`, true);
    else if (value !== undefined) given.set(flag.name, value);
  }
  return given;
}

/** `error: unknown option '--prot'\n(Did you mean --port?)` in our own shape. */
function usageError(error: CommanderError, program: Commander, argv: readonly string[]): TrimaranError {
  const said = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replace("\n", " ");
  const problem = `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
  const named = program.commands.find((command) => argv.includes(command.name()));
  if (named === undefined || error.code === "commander.unknownCommand") {
    return trimaranError("USAGE_COMMAND", { problem }, { cause: error });
  }
  return trimaranError("USAGE_INVALID", { problem, command: named.name() }, { cause: error });
}

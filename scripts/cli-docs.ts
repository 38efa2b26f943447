// docs/cli.md from the table of commands: each command with its flags, their variables, its examples, and the exit codes.
import type { Command } from "../src/cli/command.ts";
import { commands } from "../src/cli/command-table.ts";
import { everywhere } from "../src/cli/common-flags.ts";
import { environmentName, type Flag, showFlagValue } from "../src/cli/flag.ts";

const intro = `# The command line

Generated from \`src/cli/command-table.ts\` by \`npm run docs\`. A flag wins over its environment variable, that over the section of a
definition, that over the default. \`MODEL_URI\` and \`RUN_ID\` name a definition's model where \`--model\` does not.
\`NO_COLOR\` (or \`TERM=dumb\`) turns colours off. Answers go to stdout, everything else to stderr.

| exit code | means |
|---|---|
| 0 | done |
| 1 | failed; a retry will not help |
| 2 | the command line is wrong |
| 75 | failed for now; a retry may help |
| 130 | interrupted by Ctrl-C or SIGTERM; \`serve\` that drained on SIGTERM gives 0 |
`;

export function cliDocs(): string {
  return `${[intro, ...commands.map(commandText), sectionOfAll()].join("\n")}`;
}

function commandText({ name, says, about, argument, second, flags, examples }: Command): string {
  return [
    `## trimaran ${name}`,
    "",
    `\`trimaran ${name} [flags]${argument === null ? "" : ` ${argument.name}${argument.many ? "…" : ""}`}${second === undefined ? "" : ` ${second.name}`}\`: ${says}.`,
    "",
    ...about.flatMap((paragraph) => [escaped(paragraph), ""]),
    ...(argument === null ? [] : [`\`${argument.name}\`: ${escaped(argument.says)}.`, ""]),
    ...(second === undefined ? [] : [`\`${second.name}\`: ${escaped(second.says)}.`, ""]),
    ...flagTable(flags),
    "",
    "```sh",
    ...examples.flatMap((example) => [`# ${example.says}`, example.line]),
    "```",
    "",
  ].join("\n");
}

function sectionOfAll(): string {
  return ["## Flags of every command", "", ...flagTable(everywhere), ""].join("\n");
}

function flagTable(flags: readonly Flag[]): string[] {
  return ["| flag | variable | default | |", "|---|---|---|---|", ...flags.map(flagRow)];
}

function flagRow(flag: Flag): string {
  const { name, short, value, choices, fallback, environment, says, section } = flag;
  const written = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  const variables = [environmentName(flag), environment].filter((each) => each !== undefined);
  const notes = [
    ...(choices === undefined ? [] : [` One of ${choices.map((choice) => `\`${choice}\``).join(", ")}.`]),
    ...(section === undefined ? [] : [` In a definition: \`${section}\`.`]),
  ];
  const shown = fallback === undefined ? "" : `\`${showFlagValue(flag, fallback)}\``;
  const sentence = /[.!?]$/.test(says) || notes.length === 0 ? says : `${says}.`;
  return `| \`${escaped(written)}\` | ${variables.map((each) => `\`${each}\``).join(" ")} | ${shown} | ${escaped(sentence)}${notes.join("")} |`;
}

/** Nothing in a table's cell ends it, and no angle bracket is a tag. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

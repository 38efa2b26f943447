// `npm run bench -- NAME [arguments]`: runs bench/NAME.ts; without a name it lists what there is; with --help it tells what
// the program measures and its options, which stand at the top of its file.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { root } from "./stage.ts";

const folder = `${root}bench/`;
const [name, ...rest] = process.argv.slice(2);
const isProgram = name !== undefined && /^[a-z0-9-]+$/.test(name) && existsSync(`${folder}${name}.ts`);
if (isProgram && rest.some((argument) => argument === "--help" || argument === "-h")) {
  console.log(headOf(`${name}.ts`).join("\n"));
} else if (isProgram) {
  const file = `${folder}${name}.ts`;
  process.argv = [process.execPath, file, ...rest];
  await import(pathToFileURL(file).href);
} else {
  const programs = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts")) : [];
  const isHelp = name === undefined || name === "--help" || name === "-h" || name === "help";
  if (!isHelp) console.error(`There is no program "${name}".\n`);
  const say = isHelp ? console.log : console.error;
  say("npm run bench -- NAME [arguments]\n");
  for (const file of programs.sort()) say(`  ${file.slice(0, -3).padEnd(16)}${headOf(file)[0] ?? ""}`);
  say(
    "\nnpm run bench -- NAME --help tells what is measured, and the options. The peers are installed by the programs themselves.",
  );
  if (!isHelp) process.exitCode = 2;
}

/** The comment at the top of a program says what it measures, in its first line, and how it is called. */
function headOf(file: string): readonly string[] {
  const lines = readFileSync(folder + file, "utf8").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
}

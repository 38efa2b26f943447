// `npm run bench -- NAME [arguments]`: runs bench/NAME.ts; without a name it lists what there is.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { root } from "./stage.ts";

const folder = `${root}bench/`;
const [name, ...rest] = process.argv.slice(2);
if (name !== undefined && /^[a-z0-9-]+$/.test(name) && existsSync(`${folder}${name}.ts`)) {
  const file = `${folder}${name}.ts`;
  process.argv = [process.execPath, file, ...rest];
  await import(pathToFileURL(file).href);
} else {
  const programs = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts")) : [];
  console.log("npm run bench -- NAME [arguments]\n");
  for (const file of programs.sort()) console.log(`  ${file.slice(0, -3).padEnd(14)}${purposeOf(file)}`);
  if (name !== undefined) process.exitCode = 2;
}

/** The first line of a program is a comment that says what it measures. */
function purposeOf(file: string): string {
  return /^\/\/ ?(.*)/.exec(readFileSync(folder + file, "utf8"))?.[1] ?? "";
}

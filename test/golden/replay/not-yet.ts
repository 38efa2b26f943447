// not-yet.json of a folder of goldens: the recorded cases whose classes or forms are not read yet, as {"case": "env env …"}.
// The list may only shrink.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface NotYet {
  readonly case: string;
  readonly env: string;
}

/** The folders of goldens beside this one. */
export type GoldenFolder = "sklearn" | "boosters";

export function goldenFolder(name: GoldenFolder): string {
  return fileURLToPath(new URL(`../${name}/`, import.meta.url));
}

/** `env/case` of every listed case. */
export function readNotYet(name: GoldenFolder): Set<string> {
  const path = `${goldenFolder(name)}not-yet.json`;
  if (!existsSync(path)) return new Set();
  const listed = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  return new Set(Object.entries(listed).flatMap(([name, envs]) => envs.split(" ").map((env) => `${env}/${name}`)));
}

export function notYetText(cases: readonly NotYet[]): string {
  const listed: Record<string, string> = {};
  for (const { case: name, env } of cases) listed[name] = listed[name] === undefined ? env : `${listed[name]} ${env}`;
  const sorted = Object.entries(listed).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

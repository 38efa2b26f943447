// not-yet.json: the recorded cases whose classes are not read yet, as {"case": "env env …"}. The list may only shrink.
import { readFileSync } from "node:fs";

export interface NotYet {
  readonly case: string;
  readonly env: string;
}

/** `env/case` of every listed case. */
export function readNotYet(): Set<string> {
  const listed = JSON.parse(readFileSync(new URL("not-yet.json", import.meta.url), "utf8")) as Record<string, string>;
  return new Set(Object.entries(listed).flatMap(([name, envs]) => envs.split(" ").map((env) => `${env}/${name}`)));
}

export function notYetText(cases: readonly NotYet[]): string {
  const listed: Record<string, string> = {};
  for (const { case: name, env } of cases) listed[name] = listed[name] === undefined ? env : `${listed[name]} ${env}`;
  return `${JSON.stringify(Object.fromEntries(Object.entries(listed).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`;
}

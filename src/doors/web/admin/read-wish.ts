// A body of the admin port → what it asks for, or every problem with it at once.
import { didYouMean } from "../../../base/did-you-mean.ts";
import { type Issue, trimaranError } from "../../../base/errors.ts";
import { jsonPointer } from "../../../data/json-pointer.ts";
import { isLogLevel, logLevels } from "../../../io/log/log.ts";
import { readJson } from "../read-json.ts";

/** What a route may take, by member. */
export const members: Readonly<Record<"version" | "model" | "share" | "level", string>> = {
  version: "a version as /v2/repository/index shows it, such as 3",
  model: "a path or URI of a model",
  share: "a number from 0 to 1: the part of the callers that it answers",
  level: `one of ${logLevels.join(", ")}`,
};

export type Member = keyof typeof members;

export interface Wish {
  readonly version: string | null;
  readonly model: string | null;
  readonly share: number | null;
  readonly level: string | null;
}

export interface Taken {
  readonly path: string;
  readonly optional: readonly Member[];
  readonly required: readonly Member[];
}

const maxDepth = 8;

/** An empty body is an empty object. @throws REQUEST_NOT_JSON, REQUEST_DUPLICATE_KEY, REQUEST_TOO_DEEP, ADMIN_BODY */
export function readWish(body: Buffer, { path, optional, required }: Taken): Wish {
  const value = body.length === 0 ? {} : readJson(body, maxDepth);
  const issues: Issue[] = [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    issues.push({ path: "", code: "type", message: "It must be a JSON object." });
    throw trimaranError("ADMIN_BODY", { path, count: 1 }, { issues });
  }
  const given = new Map(Object.entries(value as Readonly<Record<string, unknown>>).filter(([, each]) => each !== null));
  const known = [...required, ...optional];
  for (const name of given.keys()) {
    if ((known as readonly string[]).includes(name)) continue;
    const message = `There is no ${JSON.stringify(name.slice(0, 100))} here.${didYouMean(name, known)}`;
    issues.push({ path: jsonPointer(name), code: "unknown", message });
  }
  for (const name of required) {
    if (!given.has(name)) issues.push({ path: jsonPointer(name), code: "required", message: `Give ${members[name]}.` });
  }
  for (const name of known) {
    if (given.has(name) && !fits[name](given.get(name))) {
      issues.push({ path: jsonPointer(name), code: "type", message: `It must be ${members[name]}.` });
    }
  }
  if (issues.length > 0) throw trimaranError("ADMIN_BODY", { path, count: issues.length }, { issues });
  const [version, share] = [given.get("version"), given.get("share")];
  return {
    version: version === undefined ? null : String(version),
    model: (given.get("model") as string | undefined) ?? null,
    share: (share as number | undefined) ?? null,
    level: (given.get("level") as string | undefined) ?? null,
  };
}

const fits: { readonly [Name in Member]: (value: unknown) => boolean } = {
  version: (value) =>
    (typeof value === "string" && isName(value, 256)) || (Number.isSafeInteger(value) && Number(value) >= 0),
  model: (value) => typeof value === "string" && isName(value, 4096),
  share: (value) => typeof value === "number",
  level: isLogLevel,
};

function isName(text: string, maxLength: number): boolean {
  return text !== "" && text.length <= maxLength && !/[\u0000-\u001f\u007f]/.test(text);
}

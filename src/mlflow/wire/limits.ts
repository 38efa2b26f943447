// The limits of MLflow's names and values, for the server and for the client's own checks. Texts are MLflow's where clients match them.
import { invalidParameter, missingParameter } from "./wire-error.ts";

export const maxKeyChars = 250;
export const maxParamValueChars = 6000;
export const maxRunTagValueChars = 8000;
export const maxExperimentTagValueChars = 20_000;
export const maxRegistryTagValueChars = 100_000;
export const maxExperimentNameChars = 500;
export const maxRegisteredNameChars = 256;
export const maxAliasChars = 255;
export const maxArtifactLocationChars = 2048;
export const maxBatch: {
  readonly metrics: number;
  readonly params: number;
  readonly tags: number;
  readonly total: number;
} = {
  metrics: 1000,
  params: 100,
  tags: 100,
  total: 1000,
};
export const maxDataset: {
  readonly name: number;
  readonly digest: number;
  readonly source: number;
  readonly schema: number;
  readonly profile: number;
} = { name: 500, digest: 36, source: 65_535, schema: 1_048_575, profile: 16_777_215 };
export const maxInputTag: { readonly name: number; readonly value: number } = { name: 255, value: 500 };
/** The largest page of each search, and what is taken when the request names none. */
export const pageLimits: Readonly<
  Record<
    "runs" | "experiments" | "registeredModels" | "modelVersions" | "loggedModels" | "traces" | "metricHistory",
    { readonly max: number; readonly usual: number }
  >
> = {
  runs: { max: 50_000, usual: 1000 },
  experiments: { max: 50_000, usual: 1000 },
  registeredModels: { max: 1000, usual: 100 },
  modelVersions: { max: 200_000, usual: 10_000 },
  loggedModels: { max: 1000, usual: 100 },
  traces: { max: 500, usual: 100 },
  metricHistory: { max: 25_000, usual: 25_000 },
};

const runId = /^[a-zA-Z0-9][\w-]{0,255}$/;
const experimentId = /^[a-zA-Z0-9][\w-]{0,63}$/;

/** @throws WireError */
export function assertRunId(value: string): void {
  if (!runId.test(value)) throw invalidParameter(`Invalid run ID: ${quote(value)}`);
}

/** @throws WireError */
export function assertExperimentId(value: string): void {
  if (!experimentId.test(value)) throw invalidParameter(`Invalid experiment ID: ${quote(value)}`);
}

/** @throws WireError */
export function assertExperimentName(value: string): void {
  if (value === "") throw missingParameter("name");
  if (value.length > maxExperimentNameChars) {
    throw invalidParameter(`'name' exceeds the maximum length of ${maxExperimentNameChars} characters`);
  }
  assertNoControl(value, "name");
}

/** The key of a metric, parameter or tag; `path` is the parameter that holds it. @throws WireError */
export function assertKey(key: string, path = "key"): void {
  if (!/^[/\p{L}\p{N}_.\- :]+$/u.test(key)) {
    throw invalidParameter(
      `Invalid value ${quote(key)} for parameter '${path}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  }
  const isPlain = !key.startsWith("/") && key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain) {
    throw invalidParameter(
      `Invalid value ${quote(key)} for parameter '${path}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${quoted(resolved(key))}`,
    );
  }
  assertLength(key, { path, max: maxKeyChars });
}

/** @throws WireError */
export function assertLength(value: string, { path, max }: { readonly path: string; readonly max: number }): void {
  if (value.length > max) {
    throw invalidParameter(`'${path}' exceeds the maximum length of ${max} characters`);
  }
}

/** MLflow cuts long values of parameters and tags unless MLFLOW_TRUNCATE_LONG_VALUES is false. */
export function cutValue(value: string, max: number): string {
  return value.length > max ? value.slice(0, max) : value;
}

/** @throws WireError */
export function assertBatch(sizes: { readonly metrics: number; readonly params: number; readonly tags: number }): void {
  for (const part of ["metrics", "params", "tags"] as const) {
    if (sizes[part] > maxBatch[part]) {
      throw invalidParameter(
        `A batch logging request can contain at most ${maxBatch[part]} ${part}. Got ${sizes[part]} ${part}. Please split up ${part} across multiple requests and try again.`,
      );
    }
  }
  const total = sizes.metrics + sizes.params + sizes.tags;
  if (total > maxBatch.total) {
    throw invalidParameter(
      `A batch logging request can contain at most ${maxBatch.total} metrics, params, and tags. Got ${total}. Please split up metrics, params, and tags across multiple requests and try again.`,
    );
  }
}

/** The same key twice in one request is refused unless the values are equal. @throws WireError */
export function assertParamsAgree(params: readonly { readonly key?: string; readonly value?: string }[]): void {
  const values = new Map<string, string>();
  for (const { key = "", value = "" } of params) {
    const known = values.get(key);
    if (known !== undefined && known !== value) {
      throw invalidParameter(
        `Duplicate parameter keys have been submitted: [${quoted(key)}]. Please ensure the request contains only one param value per param key.`,
      );
    }
    values.set(key, value);
  }
}

/** @throws WireError */
export function assertRegisteredName(name: string): void {
  if (name === "") throw invalidParameter("Registered model name cannot be empty.");
  assertLength(name, { path: "name", max: maxRegisteredNameChars });
  assertNoControl(name, "name");
}

/** The number of a version. @throws WireError */
export function assertVersion(version: string): number {
  if (!/^\d{1,10}$/.test(version))
    throw invalidParameter(`Parameter 'version' must be an integer, got '${cut(version)}'.`);
  return Number(version);
}

/** @throws WireError */
export function assertAlias(alias: string): void {
  assertLength(alias, { path: "alias", max: maxAliasChars });
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw invalidParameter(
      `Invalid alias name: '${cut(alias)}'. Alias names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if (alias.toLowerCase() === "latest") throw invalidParameter(`'latest' alias name (case insensitive) is reserved.`);
  if (/^v\d+$/i.test(alias)) {
    throw invalidParameter(`Version alias name '${cut(alias)}' is reserved.`);
  }
}

/** Empty is allowed: the server makes one up. @throws WireError */
export function assertLoggedModelName(name: string): void {
  if (/[/:.%"']/.test(name)) {
    throw invalidParameter(
      `Invalid model name (${quote(name)}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  }
  assertNoControl(name, "name");
}

/** Names go into logs, pages and headers. @throws WireError */
export function assertNoControl(value: string, path: string): void {
  if (/\p{Cc}/u.test(value)) throw invalidParameter(`Parameter '${path}' must not hold control characters.`);
}

/** Where a path of such a name would lead. */
function resolved(key: string): string {
  const parts: string[] = [];
  for (const part of key.split("/")) {
    if (part === "" || part === ".") continue;
    const canLeave = parts.length > 0 && parts.at(-1) !== "..";
    if (part !== "..") parts.push(part);
    else if (canLeave) parts.pop();
    else if (!key.startsWith("/")) parts.push(part);
  }
  return `${key.startsWith("/") ? "/" : ""}${parts.join("/")}` || ".";
}

/** As Python shows a text. */
function quoted(value: string): string {
  const text = cut(value);
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

function quote(value: string): string {
  return JSON.stringify(cut(value));
}

function cut(value: string): string {
  return value.length > 300 ? `${value.slice(0, 300)}…` : value;
}

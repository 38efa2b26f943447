// The URIs that name a model or an artifact in MLflow's world, and the rules against paths that climb.
//
//   runs:/RUN/path · models:/NAME/VERSION · models:/NAME@ALIAS · models:/NAME/STAGE · models:/NAME/latest · models:/m-ID
//   mlflow-artifacts:/path · mlflow-artifacts://HOST/path · s3://BUCKET/key · http(s)://… · file:… · a local path
import { trimaranError } from "../base/errors.ts";

export type MlflowUri =
  | { readonly kind: "run"; readonly runId: string; readonly path: string }
  | { readonly kind: "version"; readonly name: string; readonly version: string; readonly path: string }
  | { readonly kind: "alias"; readonly name: string; readonly alias: string; readonly path: string }
  | { readonly kind: "stage"; readonly name: string; readonly stage: string; readonly path: string }
  | { readonly kind: "latest"; readonly name: string; readonly path: string }
  | { readonly kind: "logged-model"; readonly modelId: string; readonly path: string }
  | { readonly kind: "artifact"; readonly location: string };

const artifactSchemes = ["mlflow-artifacts", "s3", "http", "https"] as const;
const stages: ReadonlySet<string> = new Set(["none", "staging", "production", "archived"]);

/** Whether it is named by MLflow, or lies where a client fetches it: anything but local paths and `file:`. */
export function isMlflowUri(uri: string): boolean {
  const scheme = schemeOf(uri);
  return scheme === "runs" || scheme === "models" || (artifactSchemes as readonly (string | null)[]).includes(scheme);
}

/** Lower case; null for a path. A scheme has two letters at least, so that `C:\models` is a path. */
export function schemeOf(uri: string): string | null {
  return /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase() ?? null;
}

/** @throws MODEL_URI */
export function parseMlflowUri(uri: string): MlflowUri {
  const scheme = schemeOf(uri);
  if (scheme === "runs") return parseRun(uri);
  if (scheme === "models") return parseModels(uri);
  if (scheme !== null && !isMlflowUri(uri)) throw invalid(uri, `nothing is read from ${scheme}:`);
  return { kind: "artifact", location: checkedLocation(uri) };
}

function parseRun(uri: string): MlflowUri {
  const [runId = "", ...rest] = segmentsOf(uri, "runs:".length);
  if (!/^[a-zA-Z0-9][\w-]{0,255}$/.test(runId)) throw invalid(uri, "it is `runs:/RUN_ID/path`");
  const path = rest.join("/");
  if (path === "") throw invalid(uri, "it names no artifact: `runs:/RUN_ID/model`");
  return { kind: "run", runId, path };
}

function parseModels(uri: string): MlflowUri {
  const [first = "", second, ...rest] = segmentsOf(uri, "models:".length);
  if (first === "") throw invalid(uri, "it is `models:/NAME/VERSION`, `models:/NAME@ALIAS` or `models:/m-ID`");
  const name = decoded(first, uri);
  const at = name.lastIndexOf("@");
  const below = [second, ...rest].filter((part) => part !== undefined).join("/");
  if (at > 0) return { kind: "alias", name: name.slice(0, at), alias: name.slice(at + 1), path: below };
  if (/^m-\w+$/.test(name) && (second === undefined || !isVersionPart(second))) {
    return { kind: "logged-model", modelId: name, path: below };
  }
  if (second === undefined || second === "") {
    throw invalid(uri, `it names no version: \`models:/${name}/1\`, \`models:/${name}@champion\``);
  }
  const path = rest.join("/");
  if (/^\d+$/.test(second)) return { kind: "version", name, version: String(BigInt(second)), path };
  if (second.toLowerCase() === "latest") return { kind: "latest", name, path };
  if (stages.has(second.toLowerCase())) return { kind: "stage", name, stage: second, path };
  throw invalid(uri, `${second} is no version, no stage and not \`latest\`; an alias is \`models:/${name}@${second}\``);
}

function isVersionPart(part: string): boolean {
  return /^\d+$/.test(part) || part.toLowerCase() === "latest" || stages.has(part.toLowerCase());
}

function segmentsOf(uri: string, start: number): readonly string[] {
  const text = uri.slice(start).replace(/^\/+/, "").replace(/\/+$/, "");
  if (/[?#]/.test(text)) throw invalid(uri, "it holds `?` or `#`");
  const [first = "", ...rest] = text.split("/");
  const path = rest.filter((part) => part !== "");
  assertSafePath(path.join("/"), uri);
  return [first, ...path];
}

function decoded(text: string, uri: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(uri, "it is not percent-encoded as it should be");
  }
}

/**
 * The location as it was written, if it cannot climb: for artifacts of a server that may lie.
 * @throws MODEL_URI
 */
export function checkedLocation(location: string): string {
  const scheme = schemeOf(location);
  const path = scheme === null ? location : location.slice(scheme.length + 1).replace(/^\/\/[^/]*/, "");
  if (scheme !== null && scheme !== "file" && /[#;]/.test(path)) throw invalid(location, "it holds `#` or `;`");
  if (scheme === "s3" || scheme === "mlflow-artifacts") {
    if (path.includes("?")) throw invalid(location, "it holds `?`");
  }
  if (climbs(path) || (scheme !== null && /\p{Cc}/u.test(location))) {
    throw invalid(scheme === null ? "path" : `${scheme}:…`, "its path climbs, or holds control characters");
  }
  return location;
}

/** A path below a folder, as it may come from a listing: relative, with `/`. @throws MODEL_URI */
export function assertSafePath(path: string, uri: string): void {
  if (climbs(path) || path.startsWith("/") || /^[a-z]:/i.test(path) || path.includes("\\") || /\p{Cc}/u.test(path)) {
    throw invalid(uri, "its path climbs, is absolute, or holds backslashes or control characters");
  }
}

/** `..` also behind percent-encoding, however often. */
function climbs(path: string): boolean {
  let text = path;
  for (let round = 0; round < 10; round++) {
    if (text.split(/[/\\]/).includes("..")) return true;
    let next: string;
    try {
      next = decodeURIComponent(text);
    } catch {
      return false;
    }
    if (next === text) return false;
    text = next;
  }
  return true;
}

function invalid(uri: string, problem: string): Error {
  return trimaranError("MODEL_URI", { uri: withoutUser(uri), problem });
}

/** URLs may hold passwords. */
export function withoutUser(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1").replace(/\?.*$/s, "?…");
}

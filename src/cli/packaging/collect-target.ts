// The files that a target consists of, in places of their own: what lies beside a definition keeps its place to it, so that its
// imports, its relative model and its digest stay as they are; what lies elsewhere is named anew.
import { readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../../base/errors.ts";
import { isUri, resolveModelUri } from "../../deployment/resolve-model-uri.ts";
import type { ModelLine, OpenedDefinition } from "../../deployment/resolved-deployment.ts";
import { readMembers } from "../../loaders/load-model.ts";
import { localPath } from "../../loaders/local-file.ts";
import { splitMembers, withMembers } from "../../loaders/split-members.ts";
import type { PackagePlan } from "../../packaging/package-plan.ts";

export type TargetFiles = Pick<PackagePlan, "target" | "serveArguments" | "environment" | "isWhole"> & {
  /** Path below `app/` → bytes. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
};

export interface TargetAsked {
  readonly model?: string | Readonly<Record<string, string>>;
  readonly members: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly maxBytes?: number;
  /** The name that the service gives itself. */
  readonly name: string;
  /** Of a folder of versions: `ride/3`. */
  readonly versions: { readonly folder: string; readonly version: string } | null;
}

/** A model that is served alone. @throws what reading it throws, PACKAGE_SECRET */
export async function collectModel(uri: string, asked: TargetAsked): Promise<TargetFiles> {
  const written = withMembers(uri, asked.members);
  if (isRemote(uri)) {
    assertNoSecret(uri);
    return { target: written, serveArguments: [], environment: {}, isWhole: false, contents: new Map() };
  }
  const contents = new Map<string, Uint8Array>();
  const { versions } = asked;
  const place = await addModel(contents, written, {
    maxBytes: asked.maxBytes,
    place: (name, isFolder) => {
      if (versions === null) return name;
      // The folder of a version is the model's own.
      return `${versions.folder}/${versions.version}${isFolder ? "" : `/${name}`}`;
    },
  });
  const target = versions === null ? place : versions.folder;
  return { target, serveArguments: [], environment: {}, isWhole: true, contents };
}

/** @throws what reading the model throws, MODEL_URI, PACKAGE_SECRET */
export async function collectDefinition(opened: OpenedDefinition, asked: TargetAsked): Promise<TargetFiles> {
  const { definition, file, modules } = opened;
  const folder = dirname(file);
  const { line, source } = resolveModelUri(definition, { flag: asked.model, env: asked.env, file });
  const isOwn = source === "definition";
  const written = isOwn ? definition.model : null;
  // Steps cannot be named anew, so that they decide with the modules where the root lies.
  const steps = line.kind === "steps" ? line.uris.filter((uri) => !isRemote(uri)).map(pathOf) : [];
  const root = commonFolder([...modules, ...steps]);
  const { versions } = asked;
  const top = versions !== null ? `${versions.folder}/${versions.version}/` : root === folder ? `${asked.name}/` : "";
  const placeOf = (path: string): string => top + relative(root, path).split(sep).join("/");
  const contents = new Map<string, Uint8Array>();
  for (const module of modules) contents.set(placeOf(module), await readFile(module));

  const moved = new Map<string | null, string>();
  let isWhole = true;
  for (const [name, uri] of entriesOf(line)) {
    if (isRemote(uri)) {
      assertNoSecret(uri);
      isWhole = false;
      if (!isOwn) moved.set(name, uri);
      continue;
    }
    const path = pathOf(uri);
    const keeps = isOwn && isBelow(path, root) && (!isWrittenAbsolute(written, name) || path === folder);
    if (!keeps && line.kind === "steps") {
      throw trimaranError("MODEL_URI", { uri: basename(path), problem: "a step has to be written as a relative path" });
    }
    const members = line.kind === "single" ? asked.members : [];
    const options = {
      maxBytes: asked.maxBytes,
      place: (model: string): string =>
        keeps ? placeOf(path).replace(/\/$/, "") : `models/${name ?? "model"}/${model}`,
    };
    const place = await addModel(contents, withMembers(uri, members), options);
    if (!keeps) moved.set(name, `/app/deployment/${place}`);
  }
  const only = line.kind === "record" ? undefined : moved.get(null);
  const named = line.kind === "record" ? [...moved].flatMap(([name, uri]) => ["--model", `${name}=${uri}`]) : [];
  const kept = only === undefined && asked.members.length > 0 ? ["--member", asked.members.join(",")] : [];
  return {
    target: versions === null ? placeOf(file) : versions.folder,
    serveArguments: [...named, ...kept],
    environment: only === undefined ? {} : { MODEL_URI: only },
    isWhole,
    contents,
  };
}

export function isRemote(uri: string): boolean {
  if (!isUri(uri) || /^file:/i.test(uri)) return false;
  // Everything else than a model server has to be here to be read, and says so itself.
  if (!/^oip\+/i.test(uri)) localPath(uri);
  return true;
}

/** Reads a model and adds its files; gives its place, with members behind it. */
async function addModel(
  contents: Map<string, Uint8Array>,
  written: string,
  {
    maxBytes,
    place,
  }: { readonly maxBytes: number | undefined; readonly place: (name: string, isFolder: boolean) => string },
): Promise<string> {
  const { members } = splitMembers(written);
  const { source } = await readMembers(written, { maxBytes });
  const at = place(source.name, source.kind === "folder");
  if (source.kind === "file") contents.set(at, source.bytes);
  else for (const [name, bytes] of source.files) contents.set(`${at}/${name}`, bytes);
  return withMembers(at, members);
}

function pathOf(uri: string): string {
  const { uri: plain } = splitMembers(uri);
  return resolve(/^file:/i.test(plain) ? fileURLToPath(plain) : plain);
}

function entriesOf(line: ModelLine): readonly (readonly [string | null, string])[] {
  if (line.kind === "single") return [[null, line.uri]];
  return line.kind === "steps" ? line.uris.map((uri) => [null, uri] as const) : Object.entries(line.uris);
}

/** A path that means another place, or nothing, on another machine. */
function isWrittenAbsolute(model: ModelLine | null, name: string | null): boolean {
  if (model === null) return true;
  const uris = model.kind === "single" ? [model.uri] : model.kind === "steps" ? model.uris : [model.uris[name ?? ""]];
  return uris.some((uri) => uri !== undefined && (isAbsolute(uri) || /^file:/i.test(uri)));
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(join(root, sep));
}

function commonFolder(paths: readonly string[]): string {
  const [first = sep, ...others] = paths.map((path) => dirname(path).split(sep));
  const parts = [...first];
  for (const other of others) {
    let same = 0;
    while (same < parts.length && parts[same] === other[same]) same++;
    parts.length = same;
  }
  return parts.join(sep) || sep;
}

function assertNoSecret(uri: string): void {
  if (/^[a-z0-9+.-]+:\/\/[^/?#]*@/i.test(uri)) throw trimaranError("PACKAGE_SECRET", {});
}

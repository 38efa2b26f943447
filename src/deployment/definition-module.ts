// Loading a definition in TypeScript or JavaScript: trusted code, imported natively. While it loads, hooks resolve `trimaran`
// to this package wherever the file lies, note every relative module that it imports, and give each load addresses of its
// own (`?trimaran=n`), so that a second load sees what was edited meanwhile.
import { readFileSync } from "node:fs";
import { type ResolveFnOutput, registerHooks } from "node:module";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import { describeThrown } from "../data/describe-thrown.ts";
import type { ImportedPackage } from "./resolved-deployment.ts";

export interface LoadedModule {
  readonly exported: unknown;
  /** Absolute paths of the file and of every relative module that it imports. */
  readonly modules: readonly string[];
  /** Packages that they import, each once. */
  readonly packages: readonly ImportedPackage[];
}

interface Load {
  readonly modules: Set<string>;
  /** Name → a module that imports it. */
  readonly packages: Map<string, string>;
  /** The import that could not be resolved. */
  missing: { readonly specifier: string; readonly importer: string } | null;
}

const mark = "trimaran";
const loads = new Map<string, Load>();
let loadCount = 0;
let hooked = false;

/** @throws DEFINITION_LOAD with the file and line of a syntax error, a missing import or what the module threw */
export async function importDefinition(file: string): Promise<LoadedModule> {
  hookOnce();
  const token = String(++loadCount);
  const load: Load = { modules: new Set([file]), packages: new Map(), missing: null };
  loads.set(token, load);
  try {
    const address = pathToFileURL(file);
    address.searchParams.set(mark, token);
    const loaded = (await import(address.href)) as Readonly<Record<string, unknown>>;
    const packages = [...load.packages].map(([name, importer]) => ({ name, importer }));
    return { exported: loaded["default"], modules: [...load.modules].sort(), packages };
  } catch (cause) {
    throw loadError(file, load, cause);
  } finally {
    loads.delete(token);
  }
}

/** Our own entry, as TypeScript in a clone and as JavaScript in the package. */
const entry = new URL(import.meta.url.endsWith(".ts") ? "../index.ts" : "../index.js", import.meta.url).href;

function hookOnce(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next): ResolveFnOutput {
      const token = tokenOf(specifier) ?? tokenOf(context.parentURL);
      if (token === null) return next(specifier, context);
      if (specifier === "trimaran") return { url: entry, shortCircuit: true };
      const load = loads.get(token);
      const found = noteMissing(load, { specifier, importer: context.parentURL }, () => next(specifier, context));
      if (!/^(\.{1,2}\/|\/|file:)/.test(specifier)) {
        notePackage(load, { specifier, importer: context.parentURL, url: found.url });
        return found;
      }
      if (!found.url.startsWith("file:")) return found;
      const address = new URL(found.url);
      address.searchParams.set(mark, token);
      load?.modules.add(fileURLToPath(found.url));
      return { ...found, url: address.href, format: formatOf(address.pathname, found.format) };
    },
  });
}

/**
 * A definition may lie in a folder whose package.json says `commonjs` (what `npm init` writes) or nothing at all: it is read as a
 * module all the same. So is plain JavaScript, as TypeScript without types, because only that parser says the line of a syntax error.
 */
function formatOf(path: string, found: string | null | undefined): string | null | undefined {
  if (/\.m?ts$/.test(path)) return "module-typescript";
  const asked = found === "commonjs" && !basename(path).startsWith("deployment.");
  return /\.m?js$/.test(path) && !asked ? "module-typescript" : found;
}

/** `@scope/name/part` belongs to the package `@scope/name`. */
function notePackage(
  load: Load | undefined,
  found: { readonly specifier: string; readonly importer: string | undefined; readonly url: string },
): void {
  const { specifier, importer, url } = found;
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
  if (load === undefined || name === undefined || importer === undefined || !url.startsWith("file:")) return;
  if (!load.packages.has(name)) load.packages.set(name, fileURLToPath(importer.replace(/\?.*$/, "")));
}

function noteMissing(
  load: Load | undefined,
  { specifier, importer }: { readonly specifier: string; readonly importer: string | undefined },
  find: () => ResolveFnOutput,
): ResolveFnOutput {
  try {
    return find();
  } catch (error) {
    if (load !== undefined && importer !== undefined) load.missing = { specifier, importer };
    throw error;
  }
}

function tokenOf(address: string | undefined): string | null {
  if (address === undefined || !address.startsWith("file:") || !address.includes(`${mark}=`)) return null;
  return new URL(address).searchParams.get(mark);
}

function loadError(file: string, load: Load, cause: unknown): TrimaranError {
  const fail = (problem: string): TrimaranError => trimaranError("DEFINITION_LOAD", { name: file, problem }, { cause });
  if (load.missing !== null) {
    const importer = fileURLToPath(load.missing.importer.replace(/\?.*$/, ""));
    const line = lineWith(importer, load.missing.specifier);
    return fail(
      `${basename(importer)}, line ${line}, imports ${JSON.stringify(load.missing.specifier)}, which is not there`,
    );
  }
  if (!(cause instanceof Error)) return fail(describeThrown(cause));
  // Nothing of a row is known while a definition loads, so the message may be shown.
  const message = cause.message.split("\n")[0]?.replace(/\.$/, "") ?? "";
  const place = placeOf(cause, load);
  if (cause instanceof SyntaxError || "code" in cause) return fail(place === null ? message : `${place}: ${message}`);
  return fail(`${place === null ? "" : `${place}: `}it threw ${cause.constructor.name}: ${message}`);
}

/** The first place of the trace that lies in one of the loaded files. */
function placeOf(error: Error, load: Load): string | null {
  for (const line of (error.stack ?? "").split("\n")) {
    const match = /(file:\/\/[^\s()]+?|\/[^\s()]+?)(?:\?[^\s():]*)?:(\d+)(?::\d+)?\)?$/.exec(line.trim());
    if (match?.[1] === undefined) continue;
    const path = match[1].startsWith("file:") ? fileURLToPath(match[1]) : match[1];
    if (load.modules.has(path)) return `${basename(path)}, line ${match[2]}`;
  }
  return null;
}

function lineWith(file: string, text: string): number {
  const source = readFileSync(file, "utf8");
  const index = source.indexOf(text);
  return index < 0 ? 1 : source.slice(0, index).split("\n").length;
}

// Opening a definition: which file a path means, loading it, resolving it, and the digest over all of its code.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { trimaranError } from "../base/errors.ts";
import { isDefinition } from "./define-deployment.ts";
import { importDefinition } from "./definition-module.ts";
import { resolveDeployment } from "./resolve-deployment.ts";
import type { OpenedDefinition, ResolvedDeployment } from "./resolved-deployment.ts";

const codeExtensions: readonly string[] = [".ts", ".js", ".mjs"];
const dataExtensions: readonly string[] = [".yaml", ".yml"];
const definitionNames: readonly string[] = [...codeExtensions, ...dataExtensions].map((end) => `deployment${end}`);

/**
 * The absolute path of the definition that a TARGET means, or null when it means a model: another file, or a folder with an
 * `MLmodel` and no definition.
 *
 * @throws FILE_NOT_FOUND when nothing is there
 * @throws DEFINITION_AMBIGUOUS for two definitions in a folder, or code beside an `MLmodel`
 * @throws FORMAT_FOLDER for a folder with neither an `MLmodel` nor a definition
 */
export async function findDefinition(path: string): Promise<string | null> {
  const full = resolve(path);
  const found = await stat(full).catch((cause: unknown) => {
    const problem = problemOf(cause);
    if (problem === "ENOENT" || problem === "ENOTDIR") throw trimaranError("FILE_NOT_FOUND", { path }, { cause });
    throw trimaranError("FILE_NOT_READABLE", { path, problem }, { cause });
  });
  if (!found.isDirectory()) {
    return [...codeExtensions, ...dataExtensions].includes(extname(full)) ? full : null;
  }
  const names = new Set(await readdir(full));
  const definitions = definitionNames.filter((name) => names.has(name));
  const isModel = names.has("MLmodel");
  const [first, second] = definitions;
  if (first !== undefined && second !== undefined) {
    throw trimaranError("DEFINITION_AMBIGUOUS", { name: path, first, second });
  }
  if (first !== undefined && isModel && codeExtensions.includes(extname(first))) {
    throw trimaranError("DEFINITION_AMBIGUOUS", { name: path, first: "an MLmodel", second: first });
  }
  if (first !== undefined) return join(full, first);
  if (isModel) return null;
  throw trimaranError("FORMAT_FOLDER", { name: path });
}

/**
 * Loads and resolves a definition from a local path that the user gave. TypeScript and JavaScript run: this is for trusted files
 * only. Each call loads anew.
 *
 * @throws DEFINITION_LOAD, DEFINITION_NONE, DEFINITION_INVALID and what `findDefinition` throws
 */
export async function openDefinition(path: string): Promise<OpenedDefinition> {
  const file = await findDefinition(path);
  if (file === null) throw trimaranError("DEFINITION_NONE", { name: path });
  const name = defaultName(file);
  if (dataExtensions.includes(extname(file))) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw trimaranError("FILE_NOT_READABLE", { path: file, problem: problemOf(cause) }, { cause });
    });
    // What reads YAML is not small, and most definitions are code.
    const { readYamlDefinition } = await import("./yaml-definition.ts");
    const definition = withFolderModel(readYamlDefinition(utf8(bytes, file), { file, name }), file);
    return { definition, file, digest: await digestOf(file, [file]), modules: [file] };
  }
  const { exported, modules, packages } = await importDefinition(file);
  if (!isDefinition(exported)) throw trimaranError("DEFINITION_NONE", { name: file });
  const definition = resolveDeployment(exported, { name });
  return { definition, file, digest: await digestOf(file, modules), modules, packages };
}

/** A definition that was logged inside of a model folder serves that folder; its `model` line is ignored. */
function withFolderModel(definition: ResolvedDeployment, file: string): ResolvedDeployment {
  const folder = dirname(file);
  if (!existsSync(join(folder, "MLmodel"))) return definition;
  return Object.freeze({ ...definition, model: Object.freeze({ kind: "single", uri: folder }) });
}

/** The stem of the file, or for `deployment.*` the name of its folder; what a name cannot hold becomes `-`. */
function defaultName(file: string): string {
  const stem = basename(file, extname(file));
  const name = stem === "deployment" ? basename(dirname(file)) : stem.replace(/\.deployment$/, "");
  const clean = name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return clean.slice(0, 64) || "deployment";
}

/** Paths are relative to the definition and sorted, so that the digest is the same on every machine. */
async function digestOf(file: string, modules: readonly string[]): Promise<string> {
  const named = modules.map((path) => ({ path, name: relative(dirname(file), path).split(sep).join("/") }));
  named.sort((left, right) => (left.name < right.name ? -1 : 1));
  const hash = createHash("sha256");
  for (const { path, name } of named) {
    const bytes = await readFile(path);
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return `sha256:${hash.digest("hex")}`;
}

function utf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw trimaranError("DEFINITION_LOAD", { name: file, problem: "it is not UTF-8 text" }, { cause });
  }
}

function problemOf(cause: unknown): string {
  return String((cause as { code?: unknown }).code ?? "it cannot be opened");
}

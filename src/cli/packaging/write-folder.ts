// Writes a folder whole or not at all. Only an empty folder, or one that holds nothing but what we wrote, is replaced.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import type { PackagedFiles } from "../../packaging/package-plan.ts";

/** Names what we wrote, so that a later call knows the folder for ours. */
const markerFile = ".trimaran-package.json";
/** 1985-10-26T08:15:00Z, as in tarballs of npm: zip files know no earlier years than 1980. */
const fixedTime = new Date(499_162_500_000);

export interface FolderContent {
  readonly files: PackagedFiles;
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  readonly version: string;
}

/** The folder that a path means. @throws PACKAGE_FOLDER when it may not be replaced */
export async function assertReplaceable(path: string): Promise<string> {
  const folder = await realpath(path).catch(() => resolve(path));
  const refuse = (problem: string): Error => trimaranError("PACKAGE_FOLDER", { path, problem });
  const inside = relative(folder, process.cwd());
  if (inside === "" || (!inside.startsWith("..") && !inside.startsWith(sep))) {
    throw refuse("the current folder lies in it");
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return [];
    throw refuse(code === "ENOTDIR" ? "it is a file" : `it cannot be read (${code})`);
  });
  if (entries.length === 0) return folder;
  const ours = await readMarker(folder);
  if (ours === null) throw refuse("it is not empty, and `trimaran package` did not write it");
  const strange = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .find((name) => !ours.has(name));
  if (strange !== undefined) throw refuse(`${strange} in it was added by somebody else`);
  return folder;
}

/** @throws PACKAGE_FOLDER, FILE_NOT_WRITABLE */
export async function writeFolder(path: string, content: FolderContent): Promise<void> {
  const folder = await assertReplaceable(path);
  const scratch = join(dirname(folder), `.${basename(folder)}.${randomBytes(6).toString("hex")}`);
  try {
    await fillFolder(scratch, content);
    await putInPlace(scratch, folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === undefined) throw cause;
    throw trimaranError("FILE_NOT_WRITABLE", { path, problem: code }, { cause });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fillFolder(scratch: string, { files, bytes, version }: FolderContent): Promise<void> {
  const names = [markerFile, ...Object.keys(files)].sort();
  const marker = `${JSON.stringify({ format: "trimaran-package", version, files: names }, null, 2)}\n`;
  const folders = new Set<string>([scratch]);
  await mkdir(dirname(scratch), { recursive: true });
  for (const name of names) {
    const file = files[name];
    const content = name === markerFile ? marker : typeof file === "string" ? file : bytes.get(file?.bytes ?? "");
    if (content === undefined) throw new TypeError(`nobody collected the bytes of ${name}`);
    const place = join(scratch, name);
    for (let at = dirname(place); at.length > scratch.length; at = dirname(at)) folders.add(at);
    await mkdir(dirname(place), { recursive: true, mode: 0o755 });
    await writeFile(place, content, { mode: 0o644, flag: "wx" });
    await utimes(place, fixedTime, fixedTime);
  }
  for (const folder of [...folders].sort().reverse()) await utimes(folder, fixedTime, fixedTime);
}

/** A folder cannot be renamed over a full one: the old one steps aside first, and comes back if that fails. */
async function putInPlace(scratch: string, folder: string): Promise<void> {
  const aside = `${scratch}.old`;
  const hadOld = await rename(folder, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  try {
    await rename(scratch, folder);
  } catch (error) {
    if (hadOld) await rename(aside, folder);
    throw error;
  }
  if (hadOld) await rm(aside, { recursive: true, force: true });
}

async function readMarker(folder: string): Promise<ReadonlySet<string> | null> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(folder, markerFile), "utf8"));
    const { format, files } = marker as { readonly format?: unknown; readonly files?: unknown };
    return format === "trimaran-package" && Array.isArray(files) ? new Set(files.map(String)) : null;
  } catch {
    return null;
  }
}

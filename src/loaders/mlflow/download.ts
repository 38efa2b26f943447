// A folder or file of artifacts → files on this disk: in parallel, within limits, resumed where it broke, and nothing outside
// of the folder whatever the listing says.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { allDone } from "../../base/all-done.ts";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { type ArtifactSource, joined } from "./artifact-source.ts";

export interface DownloadLimits {
  /** @default 2 GiB - 1 */
  readonly maxBytes?: number;
  /** @default 10,000 */
  readonly maxFiles?: number;
}

export interface ListedFile {
  /** Relative to the location; `""` is the location itself. */
  readonly path: string;
  readonly bytes: number | null;
  readonly tag: string | null;
}

const defaultMaxBytes = 2 ** 31 - 1;
const defaultMaxFiles = 10_000;
const maxDepth = 32;
const parallel = 4;
const maxResumes = 5;

/** Every file below the location; the location alone when it has no listing. @throws ARTIFACT_UNSAFE, ARTIFACT_LIMIT */
export async function listAll(source: ArtifactSource, limits: DownloadLimits = {}): Promise<readonly ListedFile[]> {
  const { maxBytes = defaultMaxBytes, maxFiles = defaultMaxFiles } = limits;
  const files: ListedFile[] = [];
  const seen = new Set<string>();
  let folders = [""];
  let bytes = 0;
  for (let depth = 0; folders.length > 0; depth++) {
    if (depth > maxDepth)
      throw trimaranError("ARTIFACT_LIMIT", { location: source.name, limit: maxDepth, what: "folders deep" });
    const next: string[] = [];
    for (const folder of folders) {
      for (const entry of await source.list(folder)) {
        const path = joined(folder, safeName(entry.path, folder, source.name));
        // On some disks names that differ in case are the same.
        const known = path.toLowerCase();
        if (seen.has(known)) throw unsafe(source.name, "it names a file twice");
        seen.add(known);
        if (seen.size > maxFiles)
          throw trimaranError("ARTIFACT_LIMIT", { location: source.name, limit: maxFiles, what: "files" });
        if (entry.isFolder) next.push(path);
        else {
          bytes += entry.bytes ?? 0;
          files.push({ path, bytes: entry.bytes, tag: entry.tag });
        }
        if (bytes > maxBytes)
          throw trimaranError("ARTIFACT_LIMIT", { location: source.name, limit: maxBytes, what: "bytes" });
      }
    }
    folders = next;
  }
  return files.length === 0 ? [{ path: "", bytes: null, tag: null }] : files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Entries are named by themselves, or by their path from the location. */
function safeName(path: string, folder: string, location: string): string {
  const name = folder !== "" && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  if (
    name === "" ||
    name === "." ||
    name === ".." ||
    /[/\\]|\p{Cc}|[\ud800-\udfff]/u.test(name) ||
    /^[a-z]:$/i.test(name)
  ) {
    throw unsafe(location, "it names a file that would not lie in the folder");
  }
  if (Buffer.byteLength(name) > 255) throw unsafe(location, "it names a file by more than 255 bytes");
  return name;
}

function unsafe(location: string, problem: string): Error {
  return trimaranError("ARTIFACT_UNSAFE", { location, problem });
}

export interface DownloadedTree {
  /** 64 hex digits over the paths and digests of all files. */
  readonly digest: string;
  readonly bytes: number;
}

/**
 * Writes the files below `folder`, which is there and empty; the location itself, as a file, under `name`.
 * @throws ARTIFACT_MISSING, ARTIFACT_CUT, ARTIFACT_LIMIT, ARTIFACT_STORE, TRACKING_*, FILE_NOT_WRITABLE
 */
export async function download(
  source: ArtifactSource,
  files: readonly ListedFile[],
  { folder, name, limits = {} }: { readonly folder: string; readonly name: string; readonly limits?: DownloadLimits },
): Promise<DownloadedTree> {
  const budget = { left: limits.maxBytes ?? defaultMaxBytes, all: limits.maxBytes ?? defaultMaxBytes };
  const done: { readonly path: string; readonly digest: string; readonly bytes: number }[] = [];
  let index = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    for (let file = files[index++]; file !== undefined && !failed; file = files[index++]) {
      try {
        const path = file.path === "" ? name : file.path;
        done.push({ path, ...(await downloadFile(source, file, { target: join(folder, path), budget })) });
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await allDone(Array.from({ length: Math.min(parallel, files.length) }, work));
  return { digest: treeDigest(done), bytes: done.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Over the sorted paths and digests. */
export function treeDigest(files: readonly { readonly path: string; readonly digest: string }[]): string {
  const hash = createHash("sha256");
  for (const { path, digest } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path}\0${digest}\n`);
  return hash.digest("hex");
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

interface FilePlace {
  readonly target: string;
  readonly budget: { left: number; readonly all: number };
}

async function downloadFile(
  source: ArtifactSource,
  { path, bytes: listed }: ListedFile,
  { target, budget }: FilePlace,
): Promise<{ readonly digest: string; readonly bytes: number }> {
  const location = joined(source.name, path);
  await onDisk(target, () => mkdir(dirname(target), { recursive: true, mode: 0o700 }));
  const file = await onDisk(target, () => open(target, "wx", 0o600));
  try {
    let written = 0;
    let whole: number | null = null;
    let tag: string | null = null;
    for (let tries = 0; ; tries++) {
      let isOpen = false;
      try {
        const part = await source.open(path, { from: written, tag });
        isOpen = true;
        tag = part.tag;
        // From the beginning again: what was written is written over.
        budget.left += written - part.from;
        written = part.from;
        whole = part.bytes;
        for await (const chunk of part.body) {
          budget.left -= chunk.length;
          if (budget.left < 0)
            throw trimaranError("ARTIFACT_LIMIT", { location: source.name, limit: budget.all, what: "bytes" });
          const at = written;
          await onDisk(target, () => file.write(chunk, 0, chunk.length, at));
          written += chunk.length;
        }
        const wanted = whole ?? listed;
        if (wanted !== null && written < wanted) throw cut(location, `${written} of ${wanted} bytes`);
        if (wanted !== null && written > wanted) throw cut(location, `${written} bytes in place of ${wanted}`);
        break;
      } catch (error) {
        const isOther = isTrimaranError(error) && /^(ARTIFACT|BLOB)_CHANGED$/.test(error.code);
        // Opening was tried again already, as often as it should be.
        if (!isOther && (!isOpen || !isResumable(error))) throw error;
        if (tries >= maxResumes) throw asCut(error, location);
        if (!isOther) continue;
        // Another file took its place: that one, from its beginning.
        budget.left += written;
        written = 0;
        tag = null;
      }
    }
    if (listed !== null && listed !== written && !(listed === 0 && whole !== null)) {
      throw cut(location, `the listing tells of ${listed} bytes, ${written} came`);
    }
    await onDisk(target, () => file.truncate(written));
    await onDisk(target, () => file.sync());
    return { digest: await fileDigest(target), bytes: written };
  } finally {
    await file.close();
  }
}

function isResumable(error: unknown): boolean {
  return isTrimaranError(error) && /^(ARTIFACT_CUT|BLOB_CUT|TRACKING_UNREACHABLE)$/.test(error.code);
}

function asCut(error: unknown, location: string): Error {
  return isTrimaranError(error) && /^(ARTIFACT_CUT|(ARTIFACT|BLOB)_CHANGED)$/.test(error.code)
    ? error
    : cut(location, "the connection broke again and again");
}

function cut(location: string, problem: string): Error {
  return trimaranError("ARTIFACT_CUT", { location, problem });
}

async function onDisk<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const problem = (cause as NodeJS.ErrnoException).code ?? "it failed";
    throw trimaranError("FILE_NOT_WRITABLE", { path, problem }, { cause });
  }
}

// Files of this machine: a path, a `file:` URI, a folder or a pattern.
import { constants, type Stats } from "node:fs";
import { access, glob, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../../base/errors.ts";
import { assertFormat, formatOf, withoutEnding } from "./file-format.ts";
import type { InputFile, InputSource } from "./ports.ts";

interface Stamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

export function openLocalSource(url: string): InputSource {
  const path = localPath(url);
  const stamps = new Map<string, Stamp>();
  const listed = async (file: string, name: string): Promise<InputFile> => {
    const info = await readable(file);
    stamps.set(file, { size: info.size, mtimeMs: info.mtimeMs, ino: info.ino });
    return { uri: file, name, size: info.size, modified: info.mtime.toISOString(), ...assertFormat(file) };
  };
  const assertSame = async (file: InputFile): Promise<void> => {
    const known = stamps.get(file.uri);
    const now = await stat(file.uri).catch(() => null);
    const isSame =
      known !== undefined && now?.size === known.size && now.mtimeMs === known.mtimeMs && now.ino === known.ino;
    if (!isSame) throw trimaranError("BATCH_CHANGED", { name: file.uri });
  };
  return {
    async list(signal) {
      const info = await stat(path).catch((cause: unknown) => {
        const code = (cause as NodeJS.ErrnoException).code ?? "it cannot be opened";
        if (code === "ENOENT" || code === "ENOTDIR") return null;
        throw trimaranError("FILE_NOT_READABLE", { path, problem: code }, { cause });
      });
      if (info !== null && !info.isDirectory()) return [await listed(path, withoutEnding(basename(path)))];
      const found = info === null ? await matches(path, signal) : await matches(join(path, "**"), signal);
      const files: InputFile[] = [];
      for (const { file, name } of found) files.push(await listed(file, name));
      return files;
    },
    async fetch(file) {
      await assertSame(file);
      return resolve(file.uri);
    },
    assertSame: (file) => assertSame(file),
    async [Symbol.asyncDispose]() {},
  };
}

/** @throws BATCH_INPUT for a URI that is no path */
export function localPath(url: string): string {
  if (!/^file:/i.test(url)) return url;
  try {
    return /^file:\/\//i.test(url) ? fileURLToPath(url) : url.slice("file:".length);
  } catch (cause) {
    throw trimaranError("BATCH_INPUT", { url }, { cause });
  }
}

interface Match {
  readonly file: string;
  /** Below the fixed part, without extension, with `/`. */
  readonly name: string;
}

/** What begins with `_` or `.` below the fixed part is no data; what is no table is left out of folders only. */
async function matches(pattern: string, signal: AbortSignal): Promise<readonly Match[]> {
  const steps = pattern.split(/[\\/]/);
  const firstOpen = steps.findIndex((step) => /[*?[{]/.test(step));
  if (firstOpen < 0) return [];
  const isFolder = steps.at(-1) === "**";
  const root = steps.slice(0, firstOpen).join("/") || (pattern.startsWith("/") ? "/" : ".");
  const found: Match[] = [];
  for await (const entry of glob(pattern)) {
    signal.throwIfAborted();
    const below = relative(root, entry).split(sep);
    if (below.some((step) => /^[_.]/.test(step) && step !== "..")) continue;
    if (isFolder && formatOf(entry) === null) continue;
    if (!(await stat(entry)).isFile()) continue;
    found.push({ file: entry, name: withoutEnding(below.join("/")) });
  }
  return found.sort((left, right) => (left.file < right.file ? -1 : 1));
}

/** @throws FILE_NOT_FOUND, FILE_NOT_READABLE */
async function readable(file: string): Promise<Stats> {
  try {
    await access(file, constants.R_OK);
    return await stat(file);
  } catch (cause) {
    const problem = (cause as NodeJS.ErrnoException).code ?? "it cannot be opened";
    throw trimaranError("FILE_NOT_READABLE", { path: file, problem }, { cause });
  }
}

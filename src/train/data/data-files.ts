// What the user wrote for `--data` → files of this machine, sorted, and the digest of what is in them.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { glob, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../../base/errors.ts";

/** Paths, `file:` URIs and patterns (`*`, `?`, `**`). @throws TRAIN_FILES, TRAIN_LOCATION, FILE_NOT_READABLE */
export async function dataFiles(patterns: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const files = await filesOf(pattern);
    if (files.length === 0) throw trimaranError("TRAIN_FILES", { pattern });
    for (const file of files) found.add(file);
  }
  return [...found];
}

async function filesOf(pattern: string): Promise<readonly string[]> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(pattern) && !/^file:/i.test(pattern)) {
    throw trimaranError("TRAIN_LOCATION", { pattern: pattern.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/s, "") });
  }
  const path = /^file:/i.test(pattern) ? pathOf(pattern) : pattern;
  const info = await stat(path).catch(() => null);
  if (info?.isDirectory()) {
    throw trimaranError("FILE_NOT_READABLE", {
      path: pattern,
      problem: "it is a folder; name its files, such as *.parquet",
    });
  }
  if (info !== null) return [resolve(path)];
  if (!/[*?[{]/.test(path)) return [];
  const files: string[] = [];
  for await (const entry of glob(path)) {
    const file = resolve(entry);
    if ((await stat(file)).isFile()) files.push(file);
  }
  return files.sort();
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw trimaranError("TRAIN_FILES", { pattern: uri }, { cause });
  }
}

/** 16 hex digits over the digests of the files. @throws FILE_NOT_READABLE, the signal's reason */
export async function dataDigest(files: readonly string[], signal?: AbortSignal): Promise<string> {
  const whole = createHash("sha256");
  for (const file of files) {
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) {
        hash.update(chunk as Uint8Array);
      }
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      const problem = (cause as NodeJS.ErrnoException).code ?? "it failed";
      throw trimaranError("FILE_NOT_READABLE", { path: file, problem }, { cause });
    }
    whole.update(hash.digest());
  }
  return whole.digest("hex").slice(0, 16);
}

// How much of a log is kept: the oldest files go first.
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

interface KeptFile {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** Deletes the files that changed longest ago until no more than that is left, those in `open` excepted. */
export async function keepNewest(root: string, maxBytes: number, open: ReadonlySet<string>): Promise<void> {
  const files = await logFiles(root);
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files.sort((a, b) => a.changedMs - b.changedMs)) {
    if (total <= maxBytes) return;
    if (open.has(path)) continue;
    await rm(path, { force: true });
    total -= bytes;
  }
}

/** The files of all deployments below `root`; nothing else there is looked at. */
async function logFiles(root: string): Promise<KeptFile[]> {
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const files: KeptFile[] = [];
  for (const name of names) {
    if (!/^[^/\\]+[/\\]\d{4}-\d\d-\d\d[/\\][^/\\]+\.ndjson$/.test(name)) continue;
    const path = join(root, name);
    // Another process may have deleted it just now.
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) files.push({ path, bytes: found.size, changedMs: found.mtimeMs });
  }
  return files;
}

// Watches models on disks by looking at them: mtime, size and inode of a file, or of all files of a model's folder. Events of the
// file system are not used, since network disks and mounted volumes have none.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { localPath } from "./local-file.ts";
import type { ModelWatcher } from "./model-watcher.ts";

export interface WatchFilesOptions {
  /** How often it looks, in milliseconds. A change is told when it was seen twice alike: a file that still grows is not, or only after many looks. @default 1000 */
  readonly intervalMs?: number;
}

/** What never rests is told all the same, after so many looks: a place that is written to all the time would else never be loaded. */
const maxRestless = 30;
/** A folder is looked through this deep and this far; what lies beyond is not watched. */
const maxDepth = 8;
const maxFiles = 10_000;

export function watchFiles({ intervalMs = 1000 }: WatchFilesOptions = {}): ModelWatcher {
  return {
    watch({ uris, since = Number.POSITIVE_INFINITY }, onChange) {
      const paths = uris.flatMap(pathOf);
      if (paths.length === 0) return { [Symbol.dispose]: () => {} };
      let timer: NodeJS.Timeout | undefined;
      let ended = false;
      let told: string | null = null;
      let seen: string | null = null;
      let restless = 0;
      const look = async (): Promise<void> => {
        const looked = await lookAt(paths);
        const now = looked?.signature ?? null;
        if (ended) return;
        // What is not there is between two versions: a rename is on its way, or the model was taken away, and what serves goes on.
        if (now !== null) {
          if (told === null) told = (looked?.changedMs ?? 0) < since ? now : "";
          else if (now === told) restless = 0;
          else if (now === seen || ++restless > maxRestless) {
            restless = 0;
            told = now;
            onChange();
          }
        }
        seen = now;
      };
      const next = (): void => {
        if (ended) return;
        timer = setTimeout(
          () =>
            void look()
              .catch(() => {})
              .finally(next),
          intervalMs,
        );
        timer.unref();
      };
      void look()
        .catch(() => {})
        .finally(next);
      return {
        [Symbol.dispose]: () => {
          ended = true;
          clearTimeout(timer);
        },
      };
    },
  };
}

/** Other schemes have watchers of their own. */
function pathOf(uri: string): readonly string[] {
  try {
    return [localPath(uri)];
  } catch {
    return [];
  }
}

interface Look {
  readonly signature: string;
  /** When a file, or what a folder holds, was last changed. */
  readonly changedMs: number;
}

/** Null while any of them is not there. */
async function lookAt(paths: readonly string[]): Promise<Look | null> {
  const looked: Looked = { parts: [], changedNs: 0n };
  for (const path of paths) {
    if (!(await addSignature(path, looked, 0))) return null;
  }
  return { signature: looked.parts.join("\n"), changedMs: Number(looked.changedNs / 1_000_000n) };
}

interface Looked {
  readonly parts: string[];
  changedNs: bigint;
}

async function addSignature(path: string, looked: Looked, depth: number): Promise<boolean> {
  const { parts } = looked;
  if (parts.length >= maxFiles) return true;
  const info = await stat(path, { bigint: true }).catch(() => null);
  if (info === null) return false;
  // A file that was moved here is as old as it was; its status and its folder are not.
  const changedNs = info.ctimeNs > info.mtimeNs ? info.ctimeNs : info.mtimeNs;
  if (changedNs > looked.changedNs) looked.changedNs = changedNs;
  if (!info.isDirectory()) {
    parts.push(`${path}\0${info.mtimeNs}\0${info.size}\0${info.ino}`);
    return true;
  }
  if (depth >= maxDepth) return true;
  const names = await readdir(path).catch(() => null);
  if (names === null) return false;
  for (const name of names.sort()) {
    // A link that leads nowhere is no part of a model.
    if (!name.startsWith(".")) await addSignature(join(path, name), looked, depth + 1);
  }
  return true;
}

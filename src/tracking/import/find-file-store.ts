// Whether a folder that is to keep our store holds a file store of MLflow.
import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** `file` is that of our store. The folder, when what lies in it was written by MLflow with a `file:` tracking URI; else null. */
export async function findFileStore(file: string): Promise<string | null> {
  if (basename(file) !== "trimaran.db") return null;
  const folder = dirname(file);
  for (const below of [folder, join(folder, ".trash"), join(folder, "models")]) {
    for (const name of await namesIn(below)) {
      if (await isFile(join(below, name, "meta.yaml"))) return folder;
    }
  }
  return null;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true }))
      .filter((each) => each.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch {
    return false;
  }
}

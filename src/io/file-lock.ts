// A lock on a file that the system lets go of when its holder dies, however it dies: SQLite's own, as Node has no other.
import { statSync } from "node:fs";
import { rm } from "node:fs/promises";

export interface FileLock extends AsyncDisposable {
  /** Lets go, and removes the file. */
  release(): Promise<void>;
}

/** null: another process, or another holder in this one, has it. The folder must be there. */
export async function tryFileLock(path: string): Promise<FileLock | null> {
  const { DatabaseSync } = await import("node:sqlite");
  // Whoever lets go removes the file, so the one that was opened may be gone by then.
  for (let attempt = 0; attempt < 10; attempt++) {
    const before = inodeOf(path);
    const database = new DatabaseSync(path);
    const opened = inodeOf(path);
    try {
      database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      if (isBusy(error)) return null;
      throw error;
    }
    // A write makes the file ours on the disk too: an empty one has no place to lock.
    database.exec("CREATE TABLE IF NOT EXISTS held (by INTEGER); INSERT INTO held VALUES (1)");
    const isOurs = opened !== null && inodeOf(path) === opened && (before === null || before === opened);
    if (isOurs) {
      let isHeld = true;
      const release = async (): Promise<void> => {
        if (!isHeld) return;
        isHeld = false;
        await rm(path, { force: true });
        database.exec("ROLLBACK");
        database.close();
      };
      return { release, [Symbol.asyncDispose]: release };
    }
    database.close();
  }
  return null;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /locked|busy/i.test(error.message);
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

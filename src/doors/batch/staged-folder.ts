// What is being made of a unit: shards in a folder of ours, held by one run at a time. Of a place that is not on this machine the folder
// lies below the home.
import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { type FileLock, tryFileLock } from "../../io/file-lock.ts";
import { writeProblem } from "./write-problem.ts";

export interface StagedFolderOptions {
  /** Of the place. */
  readonly uri: string;
  /** The folder that is ours; shards lie in `staging` in it. */
  readonly ours: string;
  /** Whether nobody else may look into it. @default false */
  readonly isPrivate?: boolean;
  /**
   * Whether what is kept is on the disk. Without it a killed process loses nothing either, and a run that goes on looks at checksums.
   * @default false
   */
  readonly isSynced?: boolean;
}

export class StagedFolder {
  readonly uri: string;
  readonly ours: string;
  readonly folder: string;
  readonly #mode: number;
  readonly #isSynced: boolean;
  #lock: FileLock | null = null;

  constructor({ uri, ours, isPrivate = false, isSynced = false }: StagedFolderOptions) {
    this.uri = uri;
    this.ours = ours;
    this.folder = resolve(ours, "staging");
    this.#mode = isPrivate ? 0o700 : 0o777;
    this.#isSynced = isSynced;
  }

  /** @throws BATCH_BUSY */
  async acquire(): Promise<void> {
    await this.writing(() => mkdir(this.ours, { recursive: true, mode: this.#mode }));
    this.#lock = await this.writing(() => tryFileLock(join(this.ours, "lock")));
    if (this.#lock === null) throw trimaranError("BATCH_BUSY", { name: this.uri });
    await this.writing(() => mkdir(this.folder, { recursive: true }));
  }

  async kept(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => !name.endsWith(".part")).sort();
  }

  async keep(name: string): Promise<void> {
    const path = join(this.folder, name);
    await this.writing(async () => {
      if (this.#isSynced) await synced(`${path}.part`);
      await rename(`${path}.part`, path);
      if (this.#isSynced) await synced(this.folder);
    });
  }

  fetchKept(name: string): string {
    return join(this.folder, name);
  }

  async clear(stays: (name: string) => boolean): Promise<void> {
    await this.writing(async () => {
      for (const name of await readdir(this.folder)) {
        if (!stays(name)) await rm(join(this.folder, name), { recursive: true, force: true });
      }
    });
  }

  /** Everything in it: it was published. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async writing<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      throw writeProblem(this.uri, cause);
    }
  }

  /** A run that left nothing leaves no empty folders either. */
  async release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    if (lock === null) return;
    await rmdir(this.folder).catch(() => {});
    await lock.release();
    await rmdir(this.ours).catch(() => {});
  }
}

export interface FarPlace {
  readonly uri: string;
  /** What tells it from all others: also the server. */
  readonly identity: string;
  /** @default below the system's folder for temporary files */
  readonly home?: string | undefined;
}

export function farFolder({ uri, identity, home }: FarPlace): StagedFolder {
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  const name = basename(uri.replace(/[?#].*$/s, "")).replaceAll(/[^\w.-]/g, "_");
  const ours = resolve(home ?? join(tmpdir(), "trimaran-home"), "staging", `${name.slice(0, 60)}-${digest}`);
  return new StagedFolder({ uri, ours, isPrivate: true, isSynced: true });
}

/** Its bytes, or a folder's names, are on the disk. */
export async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

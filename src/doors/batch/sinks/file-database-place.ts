// Output as a table of an SQLite or a DuckDB file: one transaction of that file is the commit. What differs between the two is how rows
// get in; the table, its partition, the manifest and the rejects are the same.
import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { readManifestText } from "../manifest.ts";
import type { Manifest, OutputPlace, PlaceOptions, Publication } from "../ports.ts";
import { type DatabaseUrl, databaseFile, databaseUrl } from "../sources/database-url.ts";
import { farFolder, type StagedFolder } from "../staged-folder.ts";
import { outputKey, type TableColumn, tableColumns, writtenRows } from "./table-rows.ts";

/** What a kind of file brings. */
export interface FileDatabase {
  readonly scheme: string;
  /** Values by the names of its columns; a file or a table that is not there has no rows. */
  read(file: string, query: TableQuery): Promise<readonly Readonly<Record<string, unknown>>[]>;
  write(file: string, rows: TableWrite): Promise<void>;
}

export interface TableQuery {
  readonly uri: string;
  readonly table: readonly string[];
  /** SQL behind SELECT. */
  readonly what: string;
  /** The column and the value that rows must have. */
  readonly where: readonly [string, string] | null;
}

/** All of it in one transaction. */
export interface TableWrite {
  readonly uri: string;
  readonly folder: string;
  /** A Parquet file. */
  readonly rows: string;
  readonly table: readonly string[];
  readonly columns: readonly TableColumn[];
  readonly partition: DatabaseUrl["partition"];
  readonly key: string;
  readonly manifest: string;
  readonly rejects: readonly string[];
}

/** @throws BATCH_URL */
export async function openFileDatabasePlace(
  kind: FileDatabase,
  url: string,
  { home }: PlaceOptions,
): Promise<OutputPlace> {
  const target = databaseUrl(url, "write");
  const file = databaseFile(target.database);
  const table = target.wanted.kind === "table" ? target.wanted.names : [];
  const text = target.wanted.kind === "table" ? target.wanted.text : "";
  const part = target.partition === null ? "" : `&partition=${target.partition.column}:${target.partition.value}`;
  const uri = `${kind.scheme}:///${file}?table=${text}${part}`;
  return new FileDatabasePlace({ kind, file, table, target, staged: farFolder({ uri, identity: uri, home }) });
}

interface Parts {
  readonly kind: FileDatabase;
  readonly file: string;
  readonly table: readonly string[];
  readonly target: DatabaseUrl;
  readonly staged: StagedFolder;
}

/** What this process does with a file: each waits for the one before, as a file has one writer and its readers wait for it. */
const going = new Map<string, Promise<unknown>>();

async function oneByOne<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const before = going.get(file) ?? Promise.resolve();
  const mine = before.then(work, work);
  going.set(file, mine);
  try {
    return await mine;
  } finally {
    if (going.get(file) === mine) going.delete(file);
  }
}

class FileDatabasePlace implements OutputPlace {
  readonly uri: string;
  readonly format = "parquet";
  readonly folder: string;
  readonly #parts: Parts;
  readonly #key: string;

  constructor(parts: Parts) {
    this.uri = parts.staged.uri;
    this.folder = parts.staged.folder;
    this.#parts = parts;
    this.#key = outputKey(parts.table.join("."), parts.target.partition);
  }

  acquire(): Promise<void> {
    return this.#parts.staged.acquire();
  }

  async readManifest(): Promise<Manifest | null> {
    const where = ["output", this.#key] as const;
    const [row] = await this.#read("_trimaran_manifests", { what: "manifest", where });
    return row === undefined ? null : readManifestText(String(row["manifest"]));
  }

  async isPublished(manifest: Manifest): Promise<boolean> {
    const { partition } = this.#parts.target;
    const where = partition === null ? null : ([partition.column, partition.value] as const);
    const [row] = await this.#read(null, { what: "count(*) AS n", where });
    return row !== undefined && Number(row["n"]) === writtenRows(manifest);
  }

  /** @param beside a table beside that of the rows; null: that one */
  async #read(
    beside: string | null,
    query: Pick<TableQuery, "what" | "where">,
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { kind, file, table } = this.#parts;
    if ((await stat(file).catch(() => null)) === null) return [];
    const name = beside === null ? table : [...table.slice(0, -1), beside];
    return oneByOne(file, () => kind.read(file, { ...query, uri: this.uri, table: name }));
  }

  kept(): Promise<readonly string[]> {
    return this.#parts.staged.kept();
  }

  keep(name: string): Promise<void> {
    return this.#parts.staged.keep(name);
  }

  async fetchKept(name: string): Promise<string> {
    return this.#parts.staged.fetchKept(name);
  }

  clear(stays: (name: string) => boolean = () => false): Promise<void> {
    return this.#parts.staged.clear(stays);
  }

  async publish({ file: rows, rejects, manifest }: Publication): Promise<void> {
    const { kind, file, table, target, staged } = this.#parts;
    const { partition } = target;
    const columns = await tableColumns(rows, { partition, name: this.uri });
    const lines: string[] = [];
    for (const path of Object.values(rejects)) {
      for await (const line of createInterface({ input: createReadStream(path) })) if (line !== "") lines.push(line);
    }
    const write = { uri: this.uri, folder: this.folder, rows, table, columns, partition, key: this.#key };
    await staged.writing(() => mkdir(dirname(file), { recursive: true }));
    await staged.writing(() =>
      oneByOne(file, () => kind.write(file, { ...write, manifest: JSON.stringify(manifest), rejects: lines })),
    );
    await staged.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.staged.release();
  }
}

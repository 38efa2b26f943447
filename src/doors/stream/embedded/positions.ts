// How far each group has read each file, and how much it has written for it: one row, changed in one transaction.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import type { Database, SqlRow } from "../../../io/sql/database.ts";
import { openSqlite } from "../../../io/sql/sqlite-database.ts";
import type { AppendedPosition } from "./line-sink.ts";
import type { TailPosition } from "./tailed-file.ts";

export interface Position {
  readonly input: TailPosition;
  /** null: it was no file, or another one. */
  readonly output: AppendedPosition | null;
  readonly deadLetter: AppendedPosition | null;
}

/** One consumer of one file. */
export interface PositionKey {
  readonly group: string;
  /** Absolute paths; empty where something is no file. */
  readonly input: string;
  readonly output: string;
  readonly deadLetter: string;
}

const columns = [
  "consumer",
  "input",
  "inode",
  "bytes",
  "lines",
  "mark",
  "output",
  "output_inode",
  "output_bytes",
  "dead_letter",
  "dead_letter_inode",
  "dead_letter_bytes",
];
const types = "TEXT, TEXT, TEXT, INTEGER, INTEGER, TEXT, TEXT, TEXT, INTEGER, TEXT, TEXT, INTEGER".split(", ");
const createSql = `CREATE TABLE IF NOT EXISTS positions (${columns
  .map((name, at) => `${name} ${types[at]} NOT NULL`)
  .join(", ")}, PRIMARY KEY (consumer, input))`;
const writeSql = `INSERT INTO positions (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT (consumer, input) DO UPDATE SET ${columns
  .slice(2)
  .map((name) => `${name} = excluded.${name}`)
  .join(", ")}`;

export class Positions implements AsyncDisposable {
  readonly #file: string;
  readonly #database: Database;

  private constructor(file: string, database: Database) {
    this.#file = file;
    this.#database = database;
  }

  /** @throws STREAM_OFFSETS when the file is no such database */
  static async open(file: string): Promise<Positions> {
    try {
      await mkdir(dirname(file), { recursive: true });
      const database = await openSqlite(file);
      try {
        await database.run(createSql);
      } catch (error) {
        await database.close();
        throw error;
      }
      return new Positions(file, database);
    } catch (error) {
      throw offsetsError(file, error);
    }
  }

  /** null: this group never read that file. @throws STREAM_OFFSETS */
  async read({ group, input, output, deadLetter }: PositionKey): Promise<Position | null> {
    const sql = `SELECT ${columns.join(", ")} FROM positions WHERE consumer = ? AND input = ?`;
    const [row] = await this.#guarded(() => this.#database.query(sql, [group, input]));
    if (row === undefined) return null;
    return {
      input: {
        inode: this.#text(row, "inode"),
        bytes: this.#count(row, "bytes"),
        lines: this.#count(row, "lines"),
        mark: this.#text(row, "mark"),
      },
      output: this.#written(row, "output", output),
      deadLetter: this.#written(row, "dead_letter", deadLetter),
    };
  }

  /** Together, or not at all. @throws STREAM_OFFSETS */
  async write({ group, input, output, deadLetter }: PositionKey, position: Position): Promise<void> {
    const { inode, bytes, lines, mark } = position.input;
    const place = (path: string, at: AppendedPosition | null): readonly [string, string, number] =>
      at === null ? ["", "", 0] : [path, at.inode, at.bytes];
    const values = [
      ...[group, input, inode, bytes, lines, mark],
      ...place(output, position.output),
      ...place(deadLetter, position.deadLetter),
    ];
    await this.#guarded(() => this.#database.run(writeSql, values));
  }

  /** The group reads the file from its begin. */
  async forget({ group, input }: PositionKey): Promise<void> {
    await this.#guarded(() =>
      this.#database.run("DELETE FROM positions WHERE consumer = ? AND input = ?", [group, input]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  /** What was written to another place stands as it is. */
  #written(row: SqlRow, name: string, path: string): AppendedPosition | null {
    const known = this.#text(row, name);
    const at = { inode: this.#text(row, `${name}_inode`), bytes: this.#count(row, `${name}_bytes`) };
    return known === "" || known !== path ? null : at;
  }

  #text(row: SqlRow, name: string): string {
    const value = row[name];
    if (typeof value === "string") return value;
    throw trimaranError("STREAM_OFFSETS", { file: this.#file, problem: `its column ${name} holds no text` });
  }

  #count(row: SqlRow, name: string): number {
    const value = row[name];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw trimaranError("STREAM_OFFSETS", { file: this.#file, problem: `its column ${name} holds no position` });
  }

  async #guarded<Value>(ask: () => Promise<Value>): Promise<Value> {
    try {
      return await ask();
    } catch (error) {
      throw offsetsError(this.#file, error);
    }
  }
}

/** A full disk and a locked file are told as what they are. */
function offsetsError(file: string, error: unknown): unknown {
  if (!isTrimaranError(error)) {
    const { code } = error as NodeJS.ErrnoException;
    return trimaranError("STREAM_OFFSETS", { file, problem: code ?? "it cannot be opened" }, { cause: error });
  }
  if (error.kind === "busy" || error.code === "STORE_FULL" || error.code === "STREAM_OFFSETS") return error;
  return trimaranError("STREAM_OFFSETS", { file, problem: error.message.replace(/\.$/, "") }, { cause: error });
}

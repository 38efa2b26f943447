// How far each group has read each file, and how much it has written for it: one row, changed in one transaction.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import type { Database } from "../../../io/sql/database.ts";
import { openSqlite } from "../../../io/sql/sqlite-database.ts";

export interface Position {
  /** Of the file that was being read: names move to other files when logs are rotated. Null before the first line. */
  readonly inode: string | null;
  /** Bytes of it that are done. */
  readonly bytes: number;
  /** Lines that are done, over all files that had the name: the offset of the next record. */
  readonly lines: number;
  /** Bytes of the output, and of the dead letters, that stand. */
  readonly output: number;
  readonly deadLetter: number;
}

/** One consumer of one file. */
export interface PositionKey {
  readonly group: string;
  /** Absolute paths. */
  readonly input: string;
  readonly output: string;
  readonly deadLetter: string;
}

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
        await database.run(
          `CREATE TABLE IF NOT EXISTS positions ("group" TEXT NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL, dead_letter TEXT NOT NULL, inode TEXT, bytes INTEGER NOT NULL, lines INTEGER NOT NULL, output_bytes INTEGER NOT NULL, dead_letter_bytes INTEGER NOT NULL, PRIMARY KEY ("group", input))`,
        );
      } catch (error) {
        await database.close();
        throw error;
      }
      return new Positions(file, database);
    } catch (error) {
      throw offsetsError(file, error);
    }
  }

  /** null: this group never read that file. @throws STREAM_OFFSETS when it wrote somewhere else then */
  async read({ group, input, output, deadLetter }: PositionKey): Promise<Position | null> {
    const sql = `SELECT output, dead_letter, inode, bytes, lines, output_bytes, dead_letter_bytes FROM positions WHERE "group" = ? AND input = ?`;
    const [row] = await this.#guarded(() => this.#database.query(sql, [group, input]));
    if (row === undefined) return null;
    const numbers = [row["bytes"], row["lines"], row["output_bytes"], row["dead_letter_bytes"]];
    if (!numbers.every((each) => typeof each === "number" && Number.isSafeInteger(each) && each >= 0)) {
      throw trimaranError("STREAM_OFFSETS", { file: this.#file, problem: "a position in it is no number" });
    }
    const [bytes, lines, outputBytes, deadLetterBytes] = numbers as [number, number, number, number];
    const inode = typeof row["inode"] === "string" ? row["inode"] : null;
    return {
      inode,
      bytes,
      lines,
      // Another output begins where it ends.
      output: row["output"] === output ? outputBytes : -1,
      deadLetter: row["dead_letter"] === deadLetter ? deadLetterBytes : -1,
    };
  }

  async write({ group, input, output, deadLetter }: PositionKey, position: Position): Promise<void> {
    const sql = `INSERT INTO positions ("group", input, output, dead_letter, inode, bytes, lines, output_bytes, dead_letter_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ("group", input) DO UPDATE SET output = excluded.output, dead_letter = excluded.dead_letter, inode = excluded.inode, bytes = excluded.bytes, lines = excluded.lines, output_bytes = excluded.output_bytes, dead_letter_bytes = excluded.dead_letter_bytes`;
    const { inode, bytes, lines } = position;
    const values = [group, input, output, deadLetter, inode, bytes, lines, position.output, position.deadLetter];
    await this.#guarded(() => this.#database.run(sql, values));
  }

  /** The group reads the file from its begin. */
  async forget({ group, input }: PositionKey): Promise<void> {
    await this.#guarded(() =>
      this.#database.run(`DELETE FROM positions WHERE "group" = ? AND input = ?`, [group, input]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
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
  return trimaranError("STREAM_OFFSETS", { file, problem: error.message }, { cause: error });
}

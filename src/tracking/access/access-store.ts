// Users, their rights and tokens, in an SQLite file of our own beside the store: MLflow's schema is left as it is.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Database, SqlRow } from "../../io/sql/database.ts";
import { openSqlite } from "../../io/sql/sqlite-database.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { assertPassword, hashPassword } from "./passwords.ts";
import type { Permission } from "./permission.ts";

export interface AccessUser {
  readonly id: number;
  readonly username: string;
  readonly isAdmin: boolean;
  readonly passwordHash: string;
}

/** What rights are granted to. */
export type ResourceKind = "experiment" | "model";

export interface Grant {
  readonly kind: ResourceKind;
  /** An experiment's ID, or a registered model's name. */
  readonly resource: string;
  readonly permission: Permission;
}

export interface AccessToken {
  readonly id: string;
  readonly note: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
}

const schema = [
  `CREATE TABLE IF NOT EXISTS trimaran_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
    is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)))`,
  `CREATE TABLE IF NOT EXISTS trimaran_grants (
    kind TEXT NOT NULL, resource TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES trimaran_users (id) ON DELETE CASCADE,
    permission TEXT NOT NULL, PRIMARY KEY (kind, resource, user_id))`,
  "CREATE INDEX IF NOT EXISTS trimaran_grants_user ON trimaran_grants (user_id, kind)",
  `CREATE TABLE IF NOT EXISTS trimaran_tokens (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES trimaran_users (id) ON DELETE CASCADE,
    note TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER)`,
];

/** Readable for the owner alone. @throws STORE_FILE, STORE_LOCKED */
export async function openAccessStore(file: string): Promise<AccessStore> {
  await mkdir(dirname(file), { recursive: true });
  await (await open(file, "a", 0o600)).close();
  await chmod(file, 0o600);
  const database = await openSqlite(file);
  try {
    await database.transaction(async (statements) => {
      for (const sql of schema) await statements.run(sql);
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  return new AccessStore(database);
}

export class AccessStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async users(): Promise<readonly AccessUser[]> {
    return (await this.#database.query("SELECT * FROM trimaran_users ORDER BY id")).map(userOf);
  }

  async findUser(username: string): Promise<AccessUser | null> {
    const rows = await this.#database.query("SELECT * FROM trimaran_users WHERE username = ?", [username]);
    return rows[0] === undefined ? null : userOf(rows[0]);
  }

  /** @throws WireError */
  async user(username: string): Promise<AccessUser> {
    const found = await this.findUser(username);
    if (found === null) throw missing(`User with username=${username.slice(0, 256)} not found`);
    return found;
  }

  /** @throws WireError */
  async createUser(username: string, password: string, isAdmin = false): Promise<AccessUser> {
    if (username === "" || username.length > 255 || /[:\p{Cc}]/u.test(username)) {
      throw invalidParameter("Username must be 1 to 255 characters, without colons and control characters.");
    }
    assertPassword(password);
    const hash = await hashPassword(password);
    return this.#database.transaction(async (statements) => {
      const taken = await statements.query("SELECT id FROM trimaran_users WHERE username = ?", [username]);
      if (taken.length > 0) throw exists(`User (username=${username}) already exists.`);
      await statements.run("INSERT INTO trimaran_users (username, password_hash, is_admin) VALUES (?, ?, ?)", [
        username,
        hash,
        isAdmin ? 1 : 0,
      ]);
      const rows = await statements.query("SELECT * FROM trimaran_users WHERE username = ?", [username]);
      return userOf(rows[0] ?? {});
    });
  }

  /** @throws WireError */
  async setPassword(username: string, password: string): Promise<void> {
    assertPassword(password);
    const hash = await hashPassword(password);
    const changed = await this.#database.run("UPDATE trimaran_users SET password_hash = ? WHERE username = ?", [
      hash,
      username,
    ]);
    if (changed === 0) throw missing(`User with username=${username.slice(0, 256)} not found`);
  }

  /** @throws WireError when nobody would be left to administer */
  async setAdmin(username: string, isAdmin: boolean): Promise<void> {
    const { id } = await this.user(username);
    await this.#keepingAnAdmin("UPDATE trimaran_users SET is_admin = ? WHERE id = ?", [isAdmin ? 1 : 0, id]);
  }

  /** @throws WireError when nobody would be left to administer */
  async deleteUser(username: string): Promise<void> {
    const { id } = await this.user(username);
    await this.#keepingAnAdmin("DELETE FROM trimaran_users WHERE id = ?", [id]);
  }

  async #keepingAnAdmin(sql: string, parameters: readonly (string | number)[]): Promise<void> {
    await this.#database.transaction(async (statements) => {
      await statements.run(sql, parameters);
      const left = await statements.query("SELECT 1 FROM trimaran_users WHERE is_admin = 1 LIMIT 1");
      if (left.length === 0) throw invalidParameter("The last administrator cannot be deleted or demoted.");
    });
  }

  /** Null: nothing was granted. */
  async permission(userId: number, kind: ResourceKind, resource: string): Promise<Permission | null> {
    const sql = "SELECT permission FROM trimaran_grants WHERE kind = ? AND resource = ? AND user_id = ?";
    const rows = await this.#database.query(sql, [kind, resource, userId]);
    return rows[0] === undefined ? null : (String(rows[0]["permission"]) as Permission);
  }

  async grants(userId: number): Promise<readonly Grant[]> {
    const sql = "SELECT kind, resource, permission FROM trimaran_grants WHERE user_id = ? ORDER BY kind, resource";
    return (await this.#database.query(sql, [userId])).map((row) => ({
      kind: String(row["kind"]) as ResourceKind,
      resource: String(row["resource"]),
      permission: String(row["permission"]) as Permission,
    }));
  }

  async grant(userId: number, { kind, resource, permission }: Grant): Promise<void> {
    const sql = `INSERT INTO trimaran_grants (kind, resource, user_id, permission) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, resource, user_id) DO UPDATE SET permission = excluded.permission`;
    await this.#database.run(sql, [kind, resource, userId, permission]);
  }

  /** False: there was none. */
  async revoke(userId: number, kind: ResourceKind, resource: string): Promise<boolean> {
    const sql = "DELETE FROM trimaran_grants WHERE kind = ? AND resource = ? AND user_id = ?";
    return (await this.#database.run(sql, [kind, resource, userId])) > 0;
  }

  async forget(kind: ResourceKind, resource: string): Promise<void> {
    await this.#database.run("DELETE FROM trimaran_grants WHERE kind = ? AND resource = ?", [kind, resource]);
  }

  async rename(kind: ResourceKind, from: string, to: string): Promise<void> {
    await this.#database.transaction(async (statements) => {
      await statements.run("DELETE FROM trimaran_grants WHERE kind = ? AND resource = ?", [kind, to]);
      await statements.run("UPDATE trimaran_grants SET resource = ? WHERE kind = ? AND resource = ?", [to, kind, from]);
    });
  }

  /** The token itself is told once, and kept as a digest only. */
  async createToken(
    userId: number,
    note: string,
    expiresMs: number | null,
  ): Promise<AccessToken & { readonly token: string }> {
    const token = `trimaran_${randomBytes(32).toString("base64url")}`;
    const made = { id: randomUUID(), note, createdMs: Date.now(), expiresMs };
    await this.#database.run(
      "INSERT INTO trimaran_tokens (id, hash, user_id, note, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
      [made.id, tokenHash(token), userId, note, made.createdMs, expiresMs],
    );
    return { ...made, token };
  }

  async tokens(userId: number): Promise<readonly AccessToken[]> {
    const rows = await this.#database.query("SELECT * FROM trimaran_tokens WHERE user_id = ? ORDER BY created_ms, id", [
      userId,
    ]);
    return rows.map((row) => ({
      id: String(row["id"]),
      note: String(row["note"]),
      createdMs: Number(row["created_ms"]),
      expiresMs: row["expires_ms"] === null ? null : Number(row["expires_ms"]),
    }));
  }

  /** Null: it is not known, or has expired. Whoever finds a digest by its first letters learns nothing of a token. */
  async tokenUser(token: string): Promise<AccessUser | null> {
    const sql = `SELECT trimaran_users.* FROM trimaran_tokens JOIN trimaran_users ON trimaran_users.id = user_id
      WHERE hash = ? AND (expires_ms IS NULL OR expires_ms > ?)`;
    const rows = await this.#database.query(sql, [tokenHash(token), Date.now()]);
    return rows[0] === undefined ? null : userOf(rows[0]);
  }

  /** The owner's ID; null when there is no such token. */
  async tokenOwner(id: string): Promise<number | null> {
    const rows = await this.#database.query("SELECT user_id FROM trimaran_tokens WHERE id = ?", [id]);
    return rows[0] === undefined ? null : Number(rows[0]["user_id"]);
  }

  async deleteToken(id: string): Promise<void> {
    await this.#database.run("DELETE FROM trimaran_tokens WHERE id = ?", [id]);
  }
}

function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function userOf(row: SqlRow): AccessUser {
  return {
    id: Number(row["id"]),
    username: String(row["username"]),
    isAdmin: row["is_admin"] === 1,
    passwordHash: String(row["password_hash"]),
  };
}

export function missing(message: string): WireError {
  return new WireError("RESOURCE_DOES_NOT_EXIST", message);
}

export function exists(message: string): WireError {
  return new WireError("RESOURCE_ALREADY_EXISTS", message);
}

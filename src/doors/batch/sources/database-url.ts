// The URL of a table or a query: that of the database, and behind `?` what is meant there. `table=NAME` or `table=SCHEMA.NAME`; to read
// also `query=SELECT …`; to write also `partition=COLUMN:VALUE`, the rows that a run replaces.
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { trimaranError } from "../../../base/errors.ts";

export interface DatabaseUrl {
  /** What is left for the database itself. */
  readonly database: string;
  readonly wanted: Wanted;
  readonly partition: Partition | null;
}

export type Wanted =
  | { readonly kind: "table"; readonly text: string; readonly names: readonly string[] }
  | { readonly kind: "query"; readonly sql: string };

export interface Partition {
  readonly column: string;
  readonly value: string;
}

const own: readonly string[] = ["table", "query", "partition"];

/** @throws BATCH_URL */
export function databaseUrl(url: string, use: "read" | "write"): DatabaseUrl {
  const at = url.indexOf("?");
  const parts = at < 0 ? [] : url.slice(at + 1).split("&");
  const settings = new Map<string, string>();
  const others: string[] = [];
  for (const part of parts) {
    const name = part.slice(0, Math.max(0, part.indexOf("=")));
    if (!own.includes(name)) {
      others.push(part);
      continue;
    }
    if (settings.has(name)) throw refusal(url, `it holds ${name} twice`);
    settings.set(name, decoded(url, part.slice(name.length + 1)));
  }
  const database = `${at < 0 ? url : url.slice(0, at)}${others.length === 0 ? "" : `?${others.join("&")}`}`;
  const [table, query, partition] = own.map((name) => settings.get(name));
  if (use === "write" && query !== undefined) throw refusal(url, "what is written goes to a table");
  if (use === "read" && partition !== undefined) throw refusal(url, "partition= belongs to an output; read by query=");
  if ((table === undefined) === (query === undefined)) {
    throw refusal(url, table === undefined ? "it names no table" : "it names a table and a query");
  }
  const wanted: Wanted =
    query === undefined
      ? { kind: "table", text: table ?? "", names: tableNames(url, table ?? "") }
      : { kind: "query", sql: query.trim().replace(/;\s*$/, "") };
  if (wanted.kind === "query" && wanted.sql === "") throw refusal(url, "the query is empty");
  return { database, wanted, partition: partition === undefined ? null : partitionOf(url, partition) };
}

function tableNames(url: string, text: string): readonly string[] {
  const isName = /^(?:"(?:[^"]|"")+"|[^".]+)(?:\.(?:"(?:[^"]|"")+"|[^".]+)){0,2}$/.test(text);
  if (!isName) throw refusal(url, "its table is no name");
  return (text.match(/"(?:[^"]|"")+"|[^".]+/g) ?? []).map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  );
}

function partitionOf(url: string, text: string): Partition {
  const at = text.indexOf(":");
  if (at <= 0 || at === text.length - 1) throw refusal(url, "its partition is no COLUMN:VALUE");
  return { column: text.slice(0, at), value: text.slice(at + 1) };
}

function decoded(url: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal(url, "a percent sign in it does not begin an encoded character; the sign itself is %25");
  }
}

function refusal(url: string, problem: string): Error {
  const scheme = /^[a-z]+/i.exec(url)?.[0] ?? "postgresql";
  const place = scheme.startsWith("postgres") ? "USER@HOST/DATABASE" : "/FILE";
  return trimaranError("BATCH_URL", { what: "table", problem, example: `${scheme}://${place}?table=NAME` });
}

/** How the input is called in ids and manifests: its table; queries are told apart by a digest. */
export function wantedName(wanted: Wanted): string {
  return wanted.kind === "table" ? wanted.names.join(".") : "query";
}

export function wantedUri(name: string, wanted: Wanted): string {
  if (wanted.kind === "table") return `${name}?table=${wanted.text}`;
  return `${name}?query=${createHash("sha256").update(wanted.sql).digest("hex").slice(0, 12)}`;
}

/** The file of `sqlite:///FILE` and `duckdb:///FILE`; of four slashes an absolute one. @throws BATCH_URL */
export function databaseFile(database: string): string {
  const [, file = ""] = /^[a-z]+:\/\/\/([^?#]+)$/i.exec(database) ?? [];
  if (file === "" || file === ":memory:") throw refusal(database, "it names no file");
  return resolve(decoded(database, file));
}

/** Of the copy of an input. */
export function fileName(uri: string): string {
  return createHash("sha256").update(uri).digest("hex").slice(0, 24);
}

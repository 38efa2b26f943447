// `--backend-store-uri`: a folder, sqlite:///FILE, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../base/errors.ts";
import { isPostgresUrl, type PostgresPlace, parsePostgresUrl } from "../io/sql/postgres-url.ts";

export type StorePlace =
  | {
      readonly kind: "sqlite";
      readonly file: string /** The URI for MLflow's own commands, without secrets. */;
      readonly shown: string;
    }
  | { readonly kind: "postgresql"; readonly postgres: PostgresPlace; readonly shown: string };

/** @throws STORE_URI, which never shows what may be a password */
export function storePlace(uri: string): StorePlace {
  if (isPostgresUrl(uri)) {
    const postgres = parsePostgresUrl(uri);
    return { kind: "postgresql", postgres, shown: shownUrl(postgres) };
  }
  const file = resolve(storeFile(uri));
  return { kind: "sqlite", file, shown: `sqlite:///${file}` };
}

/** With words in the place of user and password. */
function shownUrl({ host, port, database = "DATABASE" }: PostgresPlace): string {
  const isSocket = host?.startsWith("/") === true;
  const place = isSocket ? "" : host?.includes(":") ? `[${host}]` : (host ?? "");
  const number = port === undefined || isSocket ? "" : `:${port}`;
  const socket = isSocket ? `?host=${host}${port === undefined ? "" : `&port=${port}`}` : "";
  return `postgresql://USER:PASSWORD@${place}${number}/${encodeURIComponent(database)}${socket}`;
}

function storeFile(uri: string): string {
  const sqlite = /^sqlite:\/\/\/(.+)$/.exec(uri)?.[1];
  if (sqlite !== undefined) {
    if (sqlite.includes("?") || sqlite === ":memory:")
      throw trimaranError("STORE_URI", { problem: "it must name a file, without `?`" });
    return sqlite;
  }
  if (uri.startsWith("file:")) return join(folderOfUrl(uri), "trimaran.db");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1] ?? /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1];
  if (scheme !== undefined) throw trimaranError("STORE_URI", { problem: `${scheme}: is not supported` });
  if (uri === "") throw trimaranError("STORE_URI", { problem: "it is empty" });
  return join(uri, "trimaran.db");
}

function folderOfUrl(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw trimaranError("STORE_URI", { problem: "the file: URL names no local folder" }, { cause: error });
  }
}

// `--backend-store-uri`: a folder, or sqlite:///FILE.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../base/errors.ts";

/** The SQLite file. @throws STORE_URI */
export function storeFile(uri: string): string {
  const sqlite = /^sqlite:\/\/\/(.+)$/.exec(uri)?.[1];
  if (sqlite !== undefined) {
    if (sqlite.includes("?") || sqlite === ":memory:")
      throw trimaranError("STORE_URI", { problem: "it must name a file, without `?`" });
    return sqlite;
  }
  if (uri.startsWith("file:")) return join(fileURLToPath(uri), "trimaran.db");
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1];
  if (scheme !== undefined) throw trimaranError("STORE_URI", { problem: `${scheme}: is not supported` });
  if (uri === "") throw trimaranError("STORE_URI", { problem: "it is empty" });
  return join(uri, "trimaran.db");
}

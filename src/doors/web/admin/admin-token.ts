// The secret of whoever runs the service: from the environment, else made once and kept in the home folder, for its owner's eyes only.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { trimaranError } from "../../../base/errors.ts";

export interface AdminToken {
  readonly token: string;
  /** The file that it lies in; null: it is TRIMARAN_ADMIN_TOKEN. */
  readonly file: string | null;
}

export const tokenVariable = "TRIMARAN_ADMIN_TOKEN";
const minLength = 16;

/**
 * @param given the variable's value; empty as if it were not there
 * @throws ADMIN_TOKEN_UNFIT, ADMIN_TOKEN_OPEN
 */
export async function adminToken(home: string, given: string | undefined): Promise<AdminToken> {
  if (given !== undefined && given !== "") return { token: assertFit(given, tokenVariable), file: null };
  const file = join(home, "admin.token");
  try {
    await makeToken(home, file);
    const { mode } = await stat(file);
    // On Windows a mode says nothing of other users.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) throw trimaranError("ADMIN_TOKEN_OPEN", { path: file });
    return { token: assertFit((await readFile(file, "utf8")).trim(), file), file };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw cause;
    const problem = `can be neither made nor read: ${code}`;
    throw trimaranError("ADMIN_TOKEN_UNFIT", { place: file, problem }, { cause });
  }
}

/** Compares digests, so that neither the length nor the first wrong character shows in the time that it takes. */
export function isToken(sent: string, token: string): boolean {
  return timingSafeEqual(digest(sent), digest(token));
}

/** Of two services that start at once, both take the file of the first; nobody sees half of one. */
async function makeToken(home: string, file: string): Promise<void> {
  if ((await stat(file).catch(() => null)) !== null) return;
  const draft = `${file}.${process.pid}.${randomBytes(6).toString("hex")}`;
  await mkdir(home, { recursive: true });
  try {
    await writeFile(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

function assertFit(token: string, place: string): string {
  if (token.length < minLength) throw trimaranError("ADMIN_TOKEN_UNFIT", { place, problem: "is too short" });
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw trimaranError("ADMIN_TOKEN_UNFIT", { place, problem: "holds characters that no header can carry" });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

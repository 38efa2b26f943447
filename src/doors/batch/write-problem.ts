// Why something could not be written, as an error of the table: no space may be mended by waiting, no permission is not.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";

const full: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const fullText = /no space left|disk quota exceeded|file too large|max_temp_directory_size|out of disk/i;

/** Gives what is none of a disk's problems as it came. */
export function writeProblem(name: string, cause: unknown): unknown {
  if (isTrimaranError(cause) || !(cause instanceof Error)) return cause;
  const { code = "" } = cause as NodeJS.ErrnoException;
  if (full.includes(code) || fullText.test(cause.message)) return trimaranError("BATCH_SPACE", { name }, { cause });
  if (/^E[A-Z0-9]+$/.test(code)) return trimaranError("FILE_NOT_WRITABLE", { path: name, problem: code }, { cause });
  if (/unable to open database file|readonly database/i.test(cause.message)) {
    return trimaranError("FILE_NOT_WRITABLE", { path: name, problem: "EACCES" }, { cause });
  }
  return cause;
}

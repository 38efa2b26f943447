// The header `x-trimaran-warnings`: `unseen_category;field=PU_DO;count=1`, comma-separated; names and counts only.
import type { Warning } from "../../data/batch.ts";

/** Many proxies refuse headers of 8 KiB; what does not fit is counted as `more`. */
const maxHeaderChars = 2048;

export function warningsHeader(warnings: readonly Warning[]): string {
  let text = "";
  for (const [index, { code, field, count }] of warnings.entries()) {
    const item = `${index === 0 ? "" : ", "}${code};field=${fieldText(field)};count=${count}`;
    if (text.length + item.length > maxHeaderChars) {
      const more = `more;count=${warnings.length - index}`;
      return text === "" ? more : `${text}, ${more}`;
    }
    text += item;
  }
  return text;
}

const token = /^[A-Za-z0-9!#$&'*+.^_`|~-]+$/;

/** A token as it is (`%` excepted, which escapes); anything else percent-encoded as UTF-8, so that it is one too. */
function fieldText(field: string): string {
  if (token.test(field)) return field;
  if (field === "") return '""';
  return encodeURIComponent(field.toWellFormed()).replace(/[()]/g, (char) => (char === "(" ? "%28" : "%29"));
}

/** A header value from a name that we do not control, such as a model's version: visible ASCII, the rest percent-encoded. */
export function headerText(text: string): string {
  return /^[\x21-\x24\x26-\x7e]+$/.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

// Paths of artifacts as clients send them. What could mean another place than it says is refused, and so is what could mean all.
import { ownFolder } from "../../io/blobs/local-blobs.ts";
import { invalidParameter, type WireError } from "../../mlflow/wire/wire-error.ts";

const maxPathChars = 2000;
const maxDecodings = 10;

/** The segments of a path below a root; none for an empty path. @throws WireError `Invalid path` */
export function artifactSegments(path: string): readonly string[] {
  if (path === "") return [];
  if (path.length > maxPathChars) throw invalidPath();
  let text = path;
  for (let round = 0; ; round++) {
    assertPlain(text);
    const next = decoded(text);
    if (next === text) break;
    if (round === maxDecodings) throw invalidPath();
    text = next;
  }
  const segments = path.split("/");
  if (segments[0] === ownFolder || segments.some((each) => new TextEncoder().encode(each).length > 255))
    throw invalidPath();
  return segments;
}

function assertPlain(path: string): void {
  const hasSigns = /[\\#?]|\p{Cc}/u.test(path);
  // `C:/x` and `file:x` are no relative paths; `a:b` further down is a name.
  if (hasSigns || path.startsWith("/") || /^[a-z][a-z0-9+.-]*:/i.test(path)) throw invalidPath();
  // `..;x` is `..` to whoever cuts parameters off.
  if (path.split("/").some((each) => each.trim() === "" || /^\.{1,2}(;|$)/.test(each.trim()))) throw invalidPath();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A name such as `50%.txt`; what could climb is looked for all the same.
    return text.replace(/%(2[35ef]|3[bf]|5c|00)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

export function invalidPath(): WireError {
  return invalidParameter("Invalid path");
}

/** Only what lies in an `artifacts` folder of a run or model may be deleted: not an experiment, nor everything. @throws WireError */
export function assertDeletable(segments: readonly string[]): void {
  if (segments.indexOf("artifacts", 2) < 0) throw invalidPath();
}

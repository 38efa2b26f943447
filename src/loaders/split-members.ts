// `parts.pkl#dv,model`: the parts of a file that make the model, written behind its URI. A file whose own name holds the `#` is
// found first.
import { existsSync } from "node:fs";

export interface SplitUri {
  readonly uri: string;
  /** In order; empty when none is named. */
  readonly members: readonly string[];
}

export function splitMembers(written: string): SplitUri {
  const at = written.lastIndexOf("#");
  if (at < 0 || existsSync(written)) return { uri: written, members: [] };
  return { uri: written.slice(0, at), members: toMembers(written.slice(at + 1).split(",")) };
}

/** Without spaces around names, and without empty ones. */
export function toMembers(names: readonly string[]): readonly string[] {
  return names.map((name) => name.trim()).filter((name) => name !== "");
}

/** A URI with members behind it; `splitMembers` reads it. */
export function withMembers(uri: string, members: readonly string[]): string {
  return members.length === 0 ? uri : `${uri}#${members.join(",")}`;
}

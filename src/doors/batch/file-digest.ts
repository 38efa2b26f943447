// The digest of a file of ours: `sha256:` and 64 hex digits.
import { createHash } from "node:crypto";
import { copyRange } from "../../tables/copy-range.ts";

/** @throws what reading it throws */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await copyRange(path, { start: 0 }, (piece) => {
    hash.update(piece);
  });
  return `sha256:${hash.digest("hex")}`;
}

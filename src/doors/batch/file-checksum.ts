// The checksum of a file of ours, which tells what a power failure left of it.
import { crc32 } from "node:zlib";
import { copyRange } from "../../tables/copy-range.ts";

/** `crc32:` and 8 hex digits. @throws what reading it throws */
export async function fileChecksum(path: string): Promise<string> {
  let sum = 0;
  await copyRange(path, { start: 0 }, (piece) => {
    sum = crc32(piece, sum);
  });
  return `crc32:${sum.toString(16).padStart(8, "0")}`;
}

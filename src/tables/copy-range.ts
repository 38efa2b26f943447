// The bytes of a file, piece by piece in one buffer that is used again: whoever takes a piece is done with it when it says so.
import { open } from "node:fs/promises";
import { trimaranError } from "../base/errors.ts";

const pieceBytes = 1 << 20;
// Pieces of their own would all wait for the collector.
const spare: Uint8Array[] = [];

export interface ByteRange {
  readonly start: number;
  /** @default the end of the file */
  readonly end?: number;
}

/** @returns how many bytes there were. @throws TABLE_READ when the file ends before the range, and what opening it throws */
export async function copyRange(
  path: string,
  { start, end }: ByteRange,
  write: (bytes: Uint8Array) => void | Promise<void>,
): Promise<number> {
  const file = await open(path, "r");
  const buffer = spare.pop() ?? new Uint8Array(pieceBytes);
  try {
    const until = end ?? (await file.stat()).size;
    let at = start;
    while (at < until) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, until - at), at);
      if (bytesRead === 0) throw trimaranError("TABLE_READ", { name: path, problem: "it is cut off" });
      await write(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return until - start;
  } finally {
    spare.push(buffer);
    await file.close();
  }
}

// The zip64 extra field: 64-bit sizes for entries whose 32-bit fields hold the sentinel 0xffffffff.
//
// extra: (id u16 · length u16 · data)*; id 1: size u64, packed u64, local offset u64, disk u32, each only if its 32-bit field is the sentinel
import { ByteCursor } from "../../base/byte-cursor.ts";
import { damaged } from "./codec.ts";

export const sentinel32 = 0xffffffff;
const zip64Id = 1;

export interface ZipSizes {
  readonly size: number;
  readonly packed: number;
  readonly localOffset: number;
}

/** Replaces sentinels by the numbers of the extra field; a field that is missing, too long or there twice is refused. */
export function readZip64(extra: Uint8Array, sizes: ZipSizes, place: { name: string; offset: number }): ZipSizes {
  const field = findZip64(extra, place);
  const wanted = (["size", "packed", "localOffset"] as const).filter((key) => sizes[key] === sentinel32);
  if (field === null) {
    if (wanted.length > 0) throw damaged(place.name, "a zip64 field is missing", place.offset);
    return sizes;
  }
  const wide = { ...sizes };
  const cursor = new ByteCursor(field, place.name);
  for (const key of wanted) {
    if (cursor.left < 8) throw damaged(place.name, "a zip64 field is too short", place.offset);
    wide[key] = cursor.u64le("a zip64 field");
  }
  // numpy and Python write both sizes into the local header even when they would fit; the disk number may follow.
  if (cursor.left !== 0 && cursor.left !== 4) throw damaged(place.name, "a zip64 field is too long", place.offset);
  return wide;
}

function findZip64(extra: Uint8Array, place: { name: string; offset: number }): Uint8Array | null {
  const cursor = new ByteCursor(extra, place.name);
  let found: Uint8Array | null = null;
  while (cursor.left >= 4) {
    const id = cursor.u16le("a zip extra field");
    const length = cursor.u16le("a zip extra field");
    if (length > cursor.left) throw damaged(place.name, "a zip extra field is cut off", place.offset);
    const data = cursor.take(length, "a zip extra field");
    if (id !== zip64Id) continue;
    if (found !== null) throw damaged(place.name, "a zip64 field is there twice", place.offset);
    found = data;
  }
  if (cursor.left > 0) throw damaged(place.name, "a zip extra field is cut off", place.offset);
  return found;
}

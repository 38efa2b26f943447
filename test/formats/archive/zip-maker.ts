// Writes zip files that are sound unless a field is told otherwise.
import { crc32 } from "../../../src/formats/archive/checksums.ts";

export interface MemberSpec {
  readonly name: string;
  readonly content: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly mode?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly offset?: number;
  readonly localName?: string;
  readonly localFlags?: number;
  readonly localCrc?: number;
  readonly localSize?: number;
}

function fields(...parts: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  return Buffer.concat(
    parts.map(([size, value]) => {
      const buffer = Buffer.alloc(size);
      if (size === 2) buffer.writeUInt16LE(value);
      else buffer.writeUInt32LE(value >>> 0);
      return buffer;
    }),
  );
}

/** A stored archive of `members`. */
export function makeZip(members: readonly MemberSpec[]): Uint8Array {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const local = localRecord(member);
    entries.push(directoryEntry(member, offset));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const count = members.length;
  const tail = [
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, directory.length],
    [4, offset],
    [2, 0],
  ] as const;
  return new Uint8Array(Buffer.concat([...locals, directory, fields([4, 0x06054b50], ...tail)]));
}

function localRecord(member: MemberSpec): Buffer {
  const { content, method = 0, flags = 0x800, localFlags = flags } = member;
  const name = Buffer.from(member.localName ?? member.name);
  const crc = member.localCrc ?? crc32(content);
  const head = [
    [4, 0x04034b50],
    [2, 20],
    [2, localFlags],
    [2, method],
    [2, 0],
    [2, 33],
    [4, crc],
  ] as const;
  const size = member.localSize ?? content.length;
  return Buffer.concat([fields(...head, [4, content.length], [4, size], [2, name.length], [2, 0]), name, content]);
}

function directoryEntry(member: MemberSpec, offset: number): Buffer {
  const { content, method = 0, flags = 0x800, mode = 0o100644 } = member;
  const name = Buffer.from(member.name);
  const crc = member.crc ?? crc32(content);
  const head = [
    [4, 0x02014b50],
    [2, 0x31e],
    [2, 20],
    [2, flags],
    [2, method],
    [2, 0],
    [2, 33],
    [4, crc],
  ] as const;
  const sizes = [
    [4, content.length],
    [4, member.size ?? content.length],
    [2, name.length],
    [2, 0],
    [2, 0],
  ] as const;
  const place = [
    [2, 0],
    [2, 0],
    [4, mode * 65536],
    [4, member.offset ?? offset],
  ] as const;
  return Buffer.concat([fields(...head, ...sizes, ...place), name]);
}

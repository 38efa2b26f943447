// gzip (RFC 1952): one or more members, each with its own CRC-32 and length.
//
// member: 1f 8b 08 · FLG u8 · MTIME u32 · XFL u8 · OS u8 · [extra] · [name\0] · [comment\0] · [header CRC u16] · deflate ·
//         CRC-32 u32 · ISIZE u32 (length modulo 2^32)
import { Gunzip } from "fflate";
import { trimaranError } from "../../base/errors.ts";
import { crc32 } from "./checksums.ts";
import { type DecodeOptions, damaged, OutputBuffer, truncated } from "./codec.ts";
import { feed } from "./inflate.ts";

const trailerBytes = 8;
const leastMember = 18;
/** Each member costs a decoder of its own; `bgzip` makes one of 64 KiB of content. Of small members no file needs many. */
const defaultMaxMembers = 1000;
const usualMemberBytes = 4096;

/** Decompresses all members of a gzip file and checks each one's CRC-32 and length. */
export function decodeGzip(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const { name } = options;
  if (bytes.length < leastMember) {
    throw truncated(name, { what: "a gzip member", needed: leastMember, offset: 0, size: bytes.length });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) throw damaged(name, "the gzip header is wrong", 0);
  const output = new OutputBuffer(options);
  let memberStart = 0;
  const maxMembers = options.maxMembers ?? Math.max(defaultMaxMembers, Math.floor(bytes.length / usualMemberBytes));
  let members = 1;
  const endMember = (trailerAt: number): void => {
    checkTrailer(bytes, trailerAt, { name, content: output.bytes.subarray(memberStart, output.length) });
    memberStart = output.length;
  };
  const stream = new Gunzip((chunk) => output.append(chunk));
  // Called at the header of the second and every later member: the trailer of the one before lies just in front of it.
  stream.onmember = (offset) => {
    endMember(offset - trailerBytes);
    if (++members > maxMembers) throw overMembers(name, maxMembers);
  };
  feed(bytes, name, (chunk, final) => stream.push(chunk, final));
  endMember(bytes.length - trailerBytes);
  return output.take();
}

function overMembers(name: string, max: number): Error {
  return trimaranError("FORMAT_LIMIT", { name, limit: "maxMembers", max, problem: "it has more gzip members" });
}

function checkTrailer(bytes: Uint8Array, at: number, member: { name: string; content: Uint8Array }): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (at < 0 || view.getUint32(at, true) !== crc32(member.content)) {
    throw damaged(member.name, "the CRC-32 of a gzip member does not match", Math.max(at, 0));
  }
  if (view.getUint32(at + 4, true) !== member.content.length % 0x1_0000_0000) {
    throw damaged(member.name, "the length of a gzip member does not match", at + 4);
  }
}

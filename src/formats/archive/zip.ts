// A strict reader of zip files by their central directory. Two readers must not be able to see two different files in one
// archive, so whatever is read in more than one way is refused: names that repeat or leave the archive, links, encryption,
// local headers that disagree, entries that overlap, sizes that lie. Rule: PKWARE APPNOTE 6.3.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { crc32 } from "./checksums.ts";
import { type DecodeOptions, damaged, lacksFeature } from "./codec.ts";
import { inflate } from "./inflate.ts";
import { readDirectory, type ZipRecord } from "./zip-directory.ts";
import { assertNoOverlap, locateContent } from "./zip-layout.ts";

/** Limits of opening a zip. `maxBytes` is the sum of all members' decompressed sizes. */
export interface ZipOptions extends DecodeOptions {
  /** @default 100000 */
  readonly maxEntries?: number;
}

export interface ZipMember {
  readonly name: string;
  /** Size after decompression, as the directory says; reading it checks the number. */
  readonly size: number;
}

export interface ZipArchive {
  /** Members in the order of the directory. */
  readonly members: readonly ZipMember[];
  has(member: string): boolean;
  /** Decompresses one member and checks its size and CRC-32. A stored member is a view of the file. */
  read(member: string): Uint8Array;
}

const defaultMaxEntries = 100_000;

/** Checks the whole structure of a zip file; nothing is decompressed before `read`. */
export function openZip(bytes: Uint8Array, options: ZipOptions): ZipArchive {
  const { name, maxBytes, maxEntries = defaultMaxEntries } = options;
  const directory = readDirectory(bytes, { name, maxEntries });
  const members = new Map<string, ZipRecord>();
  let total = 0;
  for (const record of directory.records) {
    assertMember(record, name);
    if (members.has(record.name)) throw damaged(name, `the member ${record.name} is there twice`, record.offset);
    members.set(record.name, record);
    total += record.size;
    if (total > maxBytes) {
      const problem = "its members decompress to more bytes";
      throw trimaranError("FORMAT_LIMIT", { name, limit: "maxDecompressedBytes", max: maxBytes, problem });
    }
  }
  const contents = new Map(directory.records.map((record) => [record.name, locateContent(bytes, record, name)]));
  assertNoOverlap([...contents.values()], { name, directoryStart: directory.start });
  return {
    members: directory.records.map(({ name: member, size }) => ({ name: member, size })),
    has: (member) => members.has(member),
    read: (member) => {
      const record = members.get(member);
      const content = contents.get(member);
      if (record === undefined || content === undefined) throw notThere(name, member, members);
      return readMember(bytes.subarray(content.start, content.start + record.packed), record, name);
    },
  };
}

function notThere(name: string, member: string, members: ReadonlyMap<string, ZipRecord>): Error {
  const known = [...members.keys()].slice(0, 10).join(", ");
  return trimaranError("MEMBER_NOT_FOUND", { name, what: "zip archive", member, members: known });
}

const stored = 0;
const deflated = 8;
const symlinkMode = 0o120000;
const fileTypeMask = 0o170000;
const directoryMode = 0o040000;
const regularMode = 0o100000;

function assertMember(record: ZipRecord, name: string): void {
  const problem = nameProblem(record.name) ?? kindProblem(record);
  if (problem !== null) throw damaged(name, problem, record.offset);
  if (record.flags & 0x2041) throw lacksFeature(name, "an encrypted zip member");
  if (record.flags & 0x0020) throw lacksFeature(name, "a patched zip member");
  if (record.method !== stored && record.method !== deflated) {
    throw lacksFeature(name, `the zip compression method ${record.method}`);
  }
  if (record.method === stored && record.packed !== record.size) {
    throw damaged(name, `the stored member ${record.name} has two sizes`, record.offset);
  }
}

/** Why a name could leave the folder that somebody unpacks the archive into, or null. */
function nameProblem(member: string): string | null {
  const parts = member.split("/");
  if (member === "" || member.includes("\0") || member.includes("\\")) return `the member name ${member} is not plain`;
  if (member.startsWith("/") || /^[A-Za-z]:/.test(member)) return `the member name ${member} is absolute`;
  const isFolder = parts.at(-1) === "";
  const names = isFolder ? parts.slice(0, -1) : parts;
  const leaves = names.some((part) => part === "" || part === "." || part === "..");
  return leaves ? `the member name ${member} leaves the archive` : null;
}

/** The upper half of the external attributes is a Unix mode when a Unix program wrote the entry; 0 says nothing. */
function kindProblem(record: ZipRecord): string | null {
  const type = (record.attributes >>> 16) & fileTypeMask;
  if (type === symlinkMode) return `the member ${record.name} is a symbolic link`;
  if (type !== 0 && type !== regularMode && type !== directoryMode) return `the member ${record.name} is no plain file`;
  return null;
}

function readMember(packed: Uint8Array, record: ZipRecord, name: string): Uint8Array {
  const content = record.method === stored ? packed : inflateMember(packed, record, name);
  if (content.length !== record.size) throw damaged(name, `the member ${record.name} has another size`, record.offset);
  if (crc32(content) !== record.crc) {
    throw damaged(name, `the CRC-32 of the member ${record.name} does not match`, record.offset);
  }
  return content;
}

/** Stops where the announced size does, so that a lie about it costs nothing. */
function inflateMember(packed: Uint8Array, record: ZipRecord, name: string): Uint8Array {
  try {
    return inflate(packed, { name, maxBytes: record.size });
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "FORMAT_LIMIT") throw error;
    throw damaged(name, `the member ${record.name} has another size`, record.offset);
  }
}

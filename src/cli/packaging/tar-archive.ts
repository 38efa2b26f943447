// A tar archive, as it always comes out the same: sorted, without times and owners. Names beyond ustar's get a pax header.
import { createGzip, gunzipSync } from "node:zlib";

export interface TarEntry {
  /** With `/`. */
  readonly name: string;
  readonly bytes: () => Uint8Array;
  readonly isExecutable: boolean;
}

const block = 512;
/** 1985-10-26T08:15:00Z, as in tarballs of npm. */
const fixedSeconds = 499_162_500;

/** Packed fast: most of it is machine code. */
export async function packTar(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const gzip = createGzip({ level: 1 });
  const chunks: Buffer[] = [];
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => gzip.once("end", resolve).once("error", reject));
  const write = (bytes: Uint8Array): Promise<void> | undefined =>
    gzip.write(bytes) ? undefined : new Promise((resolve) => gzip.once("drain", () => resolve()));
  for (const entry of [...entries].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const bytes = entry.bytes();
    await write(headersOf(entry, bytes.length));
    await write(bytes);
    await write(padding(bytes.length));
  }
  gzip.end(Buffer.alloc(2 * block));
  await done;
  return Buffer.concat(chunks);
}

function headersOf({ name, isExecutable }: TarEntry, size: number): Uint8Array {
  const mode = isExecutable ? 0o755 : 0o644;
  if (Buffer.byteLength(name) <= 100) return header({ name, size, mode, type: "0" });
  const body = ` path=${name}\n`;
  let length = Buffer.byteLength(body) + 1;
  while (`${length}`.length + Buffer.byteLength(body) !== length) length = `${length}`.length + Buffer.byteLength(body);
  const record = Buffer.from(`${length}${body}`);
  const pax = header({ name: "pax", size: record.length, mode: 0o644, type: "x" });
  return Buffer.concat([
    pax,
    record,
    padding(record.length),
    header({ name: name.slice(0, 90), size, mode, type: "0" }),
  ]);
}

interface HeaderFacts {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly type: string;
}

/** POSIX.1-1988, "ustar": name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1, … */
function header({ name, size, mode, type }: HeaderFacts): Buffer {
  const made = Buffer.alloc(block);
  const octal = (value: number, at: number, width: number): void => {
    made.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
  };
  made.write(name, 0, 100, "utf8");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(fixedSeconds, 136, 12);
  made.write("        ", 148, "latin1");
  made.write(type, 156, "latin1");
  made.write("ustar\x0000", 257, "latin1");
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return made;
}

function padding(length: number): Buffer {
  return Buffer.alloc((block - (length % block)) % block);
}

/** The files of a tarball that npm made, without its leading folder. */
export function npmFilesOf(tarball: Uint8Array): readonly TarEntry[] {
  const tar = gunzipSync(tarball, { maxOutputLength: 2 ** 28 });
  const found: TarEntry[] = [];
  let long: string | null = null;
  for (let at = 0; at + block <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, to: number): string => tar.toString("utf8", at + from, at + to).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 136), 8) || 0;
    const type = text(156, 157);
    const bytes = tar.subarray(at + block, at + block + size);
    const prefix = text(345, 500);
    const name: string = long ?? (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`);
    long = type === "x" ? (/ path=([^\n]+)\n/.exec(bytes.toString("utf8"))?.[1] ?? null) : null;
    if (type === "0" || type === "") {
      const isExecutable = (Number.parseInt(text(100, 108), 8) & 0o100) !== 0;
      found.push({ name: name.replace(/^[^/]+\//, ""), bytes: () => bytes, isExecutable });
    }
    at += block + Math.ceil(size / block) * block;
  }
  return found;
}

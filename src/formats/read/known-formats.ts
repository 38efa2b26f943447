// Says early, and in words, that a file is no model that is read: empty, text, or a format of another kind.
import { trimaranError } from "../../base/errors.ts";

interface OtherFormat {
  readonly name: string;
  readonly start: readonly number[];
}

const ascii = (text: string): readonly number[] => [...text].map((char) => char.charCodeAt(0));

/** First bytes of formats that people hand over by mistake, or that are read in a later version. */
const otherFormats: readonly OtherFormat[] = [
  { name: "an HDF5 file, as Keras writes it", start: [0x89, 0x48, 0x44, 0x46] },
  { name: "a PDF", start: ascii("%PDF") },
  { name: "an executable", start: [0x7f, 0x45, 0x4c, 0x46] },
  { name: "a Parquet file", start: ascii("PAR1") },
  { name: "a numpy array file", start: [0x93, ...ascii("NUMPY")] },
  { name: "a Git LFS pointer; run `git lfs pull`", start: ascii("version https://git-lfs") },
  { name: "JSON, but no model of XGBoost", start: ascii('{"') },
  { name: "XML or HTML", start: ascii("<") },
];

/** @throws FORMAT_EMPTY, FORMAT_UNKNOWN */
export function assertKnownFormat(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) throw trimaranError("FORMAT_EMPTY", { name });
  const other = otherFormats.find(({ start }) => start.every((byte, index) => bytes[index] === byte));
  if (other !== undefined) throw trimaranError("FORMAT_UNKNOWN", { name, start: other.name });
  if (!isPickleStart(bytes[0] ?? 0) && !isCompressed(bytes)) {
    throw trimaranError("FORMAT_UNKNOWN", { name, start: startText(bytes) });
  }
  if (looksLikeText(bytes)) throw trimaranError("FORMAT_UNKNOWN", { name, start: "text" });
}

/** Opcodes with which a pickle of any protocol can begin (PROTO, or the protocol-0 and -1 ones that push a value). */
function isPickleStart(byte: number): boolean {
  return (
    byte === 0x80 ||
    "(c]})NIJKMLFGSTUVX\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96BCiP".includes(String.fromCharCode(byte))
  );
}

/** Also a zip, as .skops files are. */
function isCompressed(bytes: Uint8Array): boolean {
  const [a = 0, b = 0, c = 0] = bytes;
  return (
    (a === 0x50 && b === 0x4b) ||
    a === 0x78 ||
    (a === 0x1f && b === 0x8b) ||
    (a === 0x42 && b === 0x5a) ||
    (a === 0xfd && b === 0x37) ||
    (a === 0x5d && b === 0) ||
    (a === 0x04 && b === 0x22) ||
    (a === 0x28 && b === 0xb5) ||
    (a === 0x5a && b === 0x46 && c !== 0)
  );
}

/** A pickle of protocol 0 is text too, but its first line is an opcode and it ends with STOP. */
function looksLikeText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 512);
  if (!head.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127))) return false;
  const words = new TextDecoder().decode(head).match(/[A-Za-z]{2,} [A-Za-z]{2,}/g)?.length ?? 0;
  return words >= 3 && bytes.lastIndexOf(0x2e) !== bytes.length - 1;
}

function startText(bytes: Uint8Array): string {
  return `the bytes ${[...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}

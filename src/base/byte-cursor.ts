// A position in a byte array that never reads past the end: the base of every reader of a binary format.
// Views, never copies. A short read is FORMAT_TRUNCATED and says what was being read, where, and how much is left.
import { type TrimaranError, trimaranError } from "./errors.ts";

const lineFeed = 0x0a;
const twoToThe32 = 0x1_0000_0000;

/** Reads little-endian unless a method says otherwise. Every `what` names the thing being read, for the error. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  /** The file's name, for errors. */
  readonly name: string;
  readonly end: number;
  /** The next byte to read; a container may set it, within 0 … `end`. */
  offset: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, name: string, offset = 0) {
    this.bytes = bytes;
    this.name = name;
    this.end = bytes.length;
    this.offset = offset;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.offset;
  }

  u8(what: string): number {
    const offset = this.offset;
    if (offset >= this.end) throw this.truncated(what, 1);
    this.offset = offset + 1;
    return this.bytes[offset] as number;
  }

  u16le(what: string): number {
    return this.#view.getUint16(this.skip(2, what), true);
  }

  u32le(what: string): number {
    return this.#view.getUint32(this.skip(4, what), true);
  }

  i32le(what: string): number {
    return this.#view.getInt32(this.skip(4, what), true);
  }

  /** A 64-bit number as a safe integer; FORMAT_DAMAGED beyond 2^53, which no length or offset of a real file reaches. */
  u64le(what: string): number {
    const at = this.skip(8, what);
    const value = this.#view.getUint32(at + 4, true) * twoToThe32 + this.#view.getUint32(at, true);
    if (Number.isSafeInteger(value)) return value;
    throw trimaranError("FORMAT_DAMAGED", {
      name: this.name,
      problem: `${what} says ${this.#view.getBigUint64(at, true)}`,
      offset: at,
    });
  }

  f64le(what: string): number {
    return this.#view.getFloat64(this.skip(8, what), true);
  }

  f64be(what: string): number {
    return this.#view.getFloat64(this.skip(8, what), false);
  }

  /** Moves on by `length` bytes and gives the offset at which they begin. */
  skip(length: number, what: string): number {
    const start = this.offset;
    if (length > this.end - start) throw this.truncated(what, length);
    this.offset = start + length;
    return start;
  }

  /** A view of the next `length` bytes. */
  take(length: number, what: string): Uint8Array {
    const start = this.skip(length, what);
    return this.bytes.subarray(start, start + length);
  }

  /** A view of the bytes up to the next line feed, which is read and left out. */
  line(what: string): Uint8Array {
    const start = this.offset;
    const stop = this.bytes.indexOf(lineFeed, start);
    if (stop < 0) throw this.truncated(what, this.end - start + 1);
    this.offset = stop + 1;
    return this.bytes.subarray(start, stop);
  }

  /** Makes (does not throw) the error of a short read at the cursor. */
  truncated(what: string, needed: number): TrimaranError {
    return trimaranError("FORMAT_TRUNCATED", { name: this.name, what, needed, offset: this.offset, left: this.left });
  }
}

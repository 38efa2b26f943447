// A column of texts as Arrow keeps it: bytes of UTF-8 one after the other, and where each row ends.
import type { Data } from "apache-arrow";
import { Validity } from "./validity.ts";

/** Rows are written in ascending order; those that are not are null. What writes gives true. */
export class TextColumn {
  readonly #rows: number;
  readonly #validity: Validity;
  readonly #offsets: Int32Array;
  #bytes: Buffer;
  /** Where the row that is being written begins, and where it has come to. */
  #start = 0;
  #at = 0;
  /** Rows before it have their offsets. */
  #next = 0;

  constructor(rows: number) {
    this.#rows = rows;
    this.#validity = new Validity(rows);
    this.#offsets = new Int32Array(rows + 1);
    this.#bytes = Buffer.allocUnsafe(Math.max(64, rows * 16));
  }

  write(bytes: Uint8Array, start: number, end: number): true {
    this.#makeRoom(end - start);
    const into = this.#bytes;
    let at = this.#at;
    for (let from = start; from < end; from++) into[at++] = bytes[from]!;
    this.#at = at;
    return true;
  }

  writeText(text: string): true {
    // A unit of UTF-16 takes three bytes at most.
    this.#makeRoom(3 * text.length);
    if (text !== "") this.#at += this.#bytes.write(text, this.#at, "utf8");
    return true;
  }

  /** A whole number from 0 to 2^32. */
  writeDigits(value: number): true {
    this.#makeRoom(maxDigits);
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    const into = this.#bytes;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const tens = Math.floor(rest / 10);
      into[at] = 48 + rest - 10 * tens;
      rest = tens;
    }
    this.#at += digits;
    return true;
  }

  /** What was written since is row `row`. */
  end(row: number): void {
    this.#offsets.fill(this.#start, this.#next, row + 1);
    this.#next = row + 1;
    this.#start = this.#at;
    this.#validity.set(row);
  }

  /** What was written since is no row. */
  drop(): void {
    this.#at = this.#start;
  }

  finish(arrow: typeof import("apache-arrow")): Data {
    this.#offsets.fill(this.#start, this.#next);
    const { bits: nullBitmap, nullCount } = this.#validity;
    return arrow.makeData({
      type: new arrow.Utf8(),
      length: this.#rows,
      nullCount,
      nullBitmap,
      valueOffsets: this.#offsets,
      data: this.#bytes.subarray(0, this.#start),
    }) as Data;
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const maxDigits = 10;

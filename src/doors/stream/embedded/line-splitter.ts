// Bytes → lines, with where each of them ends. `\n` ends a line, `\r\n` too; what stands behind the last one waits for its end. A
// line that is too long is no reason to stop: its begin goes on as a record that the handler refuses.

export interface Line {
  readonly bytes: Uint8Array;
  /** From the begin of the file to behind the line's end. */
  readonly end: number;
  /** Bytes between the last of `bytes` and `end`. */
  readonly ending: number;
  /** Its number, from 0, over all files that had the name. */
  readonly number: number;
  /** How long it is, where `bytes` are only its begin: one more than may be; else 0. */
  readonly cutFrom: number;
}

export interface SplitterStart {
  /** Where the first byte stands in the file. */
  readonly position: number;
  /** The number of the first line. */
  readonly number: number;
  /** Longer lines are cut. */
  readonly maxBytes: number;
}

const lineFeed = 10;
const space = 32;

export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Uint8Array[] = [];
  /** Bytes of a line whose end has not come, and how many of them are kept. */
  #restBytes = 0;
  #keptBytes = 0;
  #position: number;
  #number: number;

  constructor({ position, number, maxBytes }: SplitterStart) {
    this.#position = position;
    this.#number = number;
    this.#maxBytes = maxBytes;
  }

  /** Where the bytes that are still to come stand. */
  get next(): number {
    return this.#position + this.#restBytes;
  }

  /** The number of the next line. */
  get number(): number {
    return this.#number;
  }

  /** The lines stay as they are while `chunk` does. Blank ones are left out. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(lineFeed, from);
      if (at < 0) break;
      const part = chunk.subarray(from, at);
      from = at + 1;
      if (this.#restBytes === 0 && part.length <= this.#maxBytes)
        this.#add(lines, part, { length: part.length, fed: 1 });
      else {
        this.#keep(part);
        this.#addRest(lines, 1);
      }
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return lines;
  }

  /** The last line, where nothing ends it and nothing more will come. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.#restBytes > 0) this.#addRest(lines, 0);
    return lines;
  }

  #keep(part: Uint8Array): void {
    const room = this.#maxBytes + 1 - this.#keptBytes;
    if (room > 0 && part.length > 0) {
      const kept = part.slice(0, room);
      this.#rest.push(kept);
      this.#keptBytes += kept.length;
    }
    this.#restBytes += part.length;
  }

  #addRest(lines: Line[], fed: number): void {
    const whole = new Uint8Array(this.#keptBytes);
    let at = 0;
    for (const part of this.#rest) {
      whole.set(part, at);
      at += part.length;
    }
    const length = this.#restBytes;
    this.#rest = [];
    this.#restBytes = 0;
    this.#keptBytes = 0;
    this.#add(lines, whole, { length, fed });
  }

  /** `fed`: 1 where a line feed ends it. */
  #add(lines: Line[], bytes: Uint8Array, { length, fed }: { readonly length: number; readonly fed: number }): void {
    this.#position += length + fed;
    const number = this.#number++;
    if (length > this.#maxBytes) {
      lines.push({ bytes, end: this.#position, ending: fed, number, cutFrom: length });
      return;
    }
    const isReturn = length > 0 && bytes[length - 1] === 13;
    const line = isReturn ? bytes.subarray(0, length - 1) : bytes;
    if (isBlank(line)) return;
    lines.push({ bytes: line, end: this.#position, ending: fed + (isReturn ? 1 : 0), number, cutFrom: 0 });
  }
}

function isBlank(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > space) return false;
  return true;
}

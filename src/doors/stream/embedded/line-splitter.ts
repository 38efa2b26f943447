// Bytes → lines, with where each of them ends. `\n` ends a line, `\r\n` too; what stands behind the last one waits for its end.
import { trimaranError } from "../../../base/errors.ts";

export interface Line {
  readonly bytes: Uint8Array;
  /** From the begin of the file to behind the line's end. */
  readonly end: number;
}

export class LineSplitter {
  readonly #file: string;
  readonly #maxBytes: number;
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #position: number;

  /** `position`: where the first byte stands in the file. */
  constructor(file: string, { position, maxBytes }: { readonly position: number; readonly maxBytes: number }) {
    this.#file = file;
    this.#position = position;
    this.#maxBytes = maxBytes;
  }

  /** Where the bytes that are still to come stand. */
  get next(): number {
    return this.#position + this.#restBytes;
  }

  get hasRest(): boolean {
    return this.#restBytes > 0;
  }

  /** The lines stay as they are while `chunk` does. Empty ones are left out. @throws STREAM_LINE_TOO_LONG */
  push(chunk: Uint8Array): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(10, from);
      if (at < 0) break;
      const part = chunk.subarray(from, at);
      this.#position += this.#restBytes + part.length + 1;
      const bytes = this.#restBytes === 0 ? part : this.#join(part);
      from = at + 1;
      this.#add(lines, bytes);
    }
    if (from < chunk.length) {
      const rest = chunk.slice(from);
      this.#rest.push(rest);
      this.#restBytes += rest.length;
      this.#assertLength(this.#restBytes);
    }
    return lines;
  }

  /** The last line, where nothing ends it and nothing more will come. */
  end(): readonly Line[] {
    if (this.#restBytes === 0) return [];
    const lines: Line[] = [];
    this.#position += this.#restBytes;
    this.#add(lines, this.#join(new Uint8Array(0)));
    return lines;
  }

  #add(lines: Line[], bytes: Uint8Array): void {
    this.#assertLength(bytes.length);
    const isReturn = bytes.length > 0 && bytes[bytes.length - 1] === 13;
    const line = isReturn ? bytes.subarray(0, bytes.length - 1) : bytes;
    if (line.length > 0) lines.push({ bytes: line, end: this.#position });
  }

  #join(last: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#restBytes + last.length);
    let at = 0;
    for (const part of this.#rest) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(last, at);
    this.#rest = [];
    this.#restBytes = 0;
    return whole;
  }

  #assertLength(bytes: number): void {
    if (bytes > this.#maxBytes) {
      throw trimaranError("STREAM_LINE_TOO_LONG", { file: this.#file, limit: this.#maxBytes });
    }
  }
}

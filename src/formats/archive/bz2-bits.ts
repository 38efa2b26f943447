// Bits of a bzip2 stream, most significant first.
import { truncated } from "./codec.ts";

export class BitReader {
  private readonly bytes: Uint8Array;
  private readonly name: string;
  private next = 0;
  private held = 0;
  private heldBits = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.name = name;
  }

  /** Byte offset of the next bit. */
  get offset(): number {
    return this.next - (this.heldBits >> 3);
  }

  /** Up to 24 bits as an unsigned number. */
  read(count: number): number {
    while (this.heldBits < count) {
      if (this.next >= this.bytes.length) {
        const { next: offset, bytes } = this;
        throw truncated(this.name, { what: "a bzip2 block", needed: 1, offset, size: bytes.length });
      }
      this.held = (this.held << 8) | (this.bytes[this.next++] as number);
      this.heldBits += 8;
    }
    this.heldBits -= count;
    return (this.held >>> this.heldBits) & ((1 << count) - 1);
  }

  /** Skips to the next byte. */
  align(): void {
    this.heldBits &= ~7;
    this.next -= this.heldBits >> 3;
    this.heldBits = 0;
  }

  atEnd(): boolean {
    return this.heldBits === 0 && this.next >= this.bytes.length;
  }
}

// The range decoder of LZMA: adaptive bits over a byte stream.
import { damaged, truncated } from "./codec.ts";

/** An adaptive probability is 11 bits; 1024 is one half. */
export const halfProbability = 1024;

export class RangeDecoder {
  readonly bytes: Uint8Array;
  readonly name: string;
  position = 0;
  private end = 0;
  private range = 0;
  private code = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.name = name;
  }

  /** Starts a run of coded bits that lies in [start, end). Its first byte is always zero. */
  start(start: number, end: number): void {
    this.position = start;
    this.end = end;
    this.range = 0xffffffff;
    this.code = 0;
    if (this.nextByte() !== 0) throw damaged(this.name, "an LZMA stream begins wrongly", start);
    for (let i = 0; i < 4; i++) this.code = (this.code * 256 + this.nextByte()) >>> 0;
  }

  /** True when the coder stands where an encoder ends. */
  isFinished(): boolean {
    return this.code === 0;
  }

  bit(probabilities: Uint16Array, index: number): number {
    const probability = probabilities[index] as number;
    const bound = (this.range >>> 11) * probability;
    let bit: number;
    if (this.code < bound) {
      this.range = bound;
      probabilities[index] = probability + ((2048 - probability) >>> 5);
      bit = 0;
    } else {
      this.range -= bound;
      this.code -= bound;
      probabilities[index] = probability - (probability >>> 5);
      bit = 1;
    }
    if (this.range < 0x1000000) this.normalize();
    return bit;
  }

  /** `count` bits, most significant first, through a binary tree of probabilities at `base`. */
  tree(probabilities: Uint16Array, base: number, count: number): number {
    let node = 1;
    for (let i = 0; i < count; i++) node = (node << 1) | this.bit(probabilities, base + node);
    return node - (1 << count);
  }

  /** The same, least significant bit first. */
  reverseTree(probabilities: Uint16Array, base: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < count; i++) {
      const bit = this.bit(probabilities, base + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  /** `count` bits of even odds. */
  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.range = this.range >>> 1;
      let bit = 0;
      if (this.code >= this.range) {
        this.code -= this.range;
        bit = 1;
      }
      value = value * 2 + bit;
      if (this.range < 0x1000000) this.normalize();
    }
    return value;
  }

  private normalize(): void {
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | this.nextByte()) >>> 0;
  }

  private nextByte(): number {
    if (this.position >= this.end) {
      if (this.end < this.bytes.length) throw damaged(this.name, "an LZMA chunk runs past its end", this.position);
      const { position: offset, bytes } = this;
      throw truncated(this.name, { what: "an LZMA stream", needed: 1, offset, size: bytes.length });
    }
    return this.bytes[this.position++] as number;
  }
}

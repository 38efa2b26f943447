// The LZMA machine: literals, matches and repeated matches. It writes into the output, which is also its dictionary.
// Rule: the LZMA specification of the 7-zip SDK (lzma-specification.txt, public domain).
import { damaged, type OutputBuffer } from "./codec.ts";
import { halfProbability, type RangeDecoder } from "./range-decoder.ts";

const states = 12;
const positionStates = 16;

/** Literal context bits, literal position bits and position bits. */
export interface LzmaProperties {
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
}

/** One byte holds all three: (pb · 5 + lp) · 9 + lc. */
export function lzmaProperties(byte: number): LzmaProperties | null {
  if (byte >= 225) return null;
  const rest = Math.floor(byte / 9);
  return { lc: byte % 9, lp: rest % 5, pb: Math.floor(rest / 5) };
}

/** Lengths 2 … 273: a short, a middle and a long form. */
class LengthDecoder {
  private readonly choice = new Uint16Array(2);
  private readonly low = new Uint16Array(positionStates << 3);
  private readonly middle = new Uint16Array(positionStates << 3);
  private readonly high = new Uint16Array(256);

  reset(): void {
    for (const table of [this.choice, this.low, this.middle, this.high]) table.fill(halfProbability);
  }

  read(coder: RangeDecoder, positionState: number): number {
    if (coder.bit(this.choice, 0) === 0) return coder.tree(this.low, positionState << 3, 3);
    if (coder.bit(this.choice, 1) === 0) return 8 + coder.tree(this.middle, positionState << 3, 3);
    return 16 + coder.tree(this.high, 0, 8);
  }
}

/** Why `decode` came back: all bytes that were asked for are there, or the end marker was met. */
export type LzmaStop = "size" | "marker";

export class LzmaState {
  private readonly coder: RangeDecoder;
  private readonly output: OutputBuffer;
  private properties: LzmaProperties = { lc: 0, lp: 0, pb: 0 };
  private literals: Uint16Array = new Uint16Array(0);
  private readonly isMatch = new Uint16Array(states << 4);
  private readonly isRep = new Uint16Array(states);
  private readonly isRepG0 = new Uint16Array(states);
  private readonly isRepG1 = new Uint16Array(states);
  private readonly isRepG2 = new Uint16Array(states);
  private readonly isRep0Long = new Uint16Array(states << 4);
  private readonly distanceSlots = new Uint16Array(4 << 6);
  private readonly distanceTail = new Uint16Array(128);
  private readonly distanceAlign = new Uint16Array(16);
  private readonly matchLength = new LengthDecoder();
  private readonly repLength = new LengthDecoder();
  private state = 0;
  private rep0 = 0;
  private rep1 = 0;
  private rep2 = 0;
  private rep3 = 0;
  /** Where the dictionary begins in the output: no match reaches further back. */
  private dictionaryStart = 0;

  constructor(coder: RangeDecoder, output: OutputBuffer) {
    this.coder = coder;
    this.output = output;
  }

  resetDictionary(): void {
    this.dictionaryStart = this.output.length;
  }

  setProperties(properties: LzmaProperties): void {
    this.properties = properties;
    const size = 0x300 << (properties.lc + properties.lp);
    if (this.literals.length !== size) this.literals = new Uint16Array(size);
  }

  reset(): void {
    const { literals, isMatch, isRep, isRepG0, isRepG1, isRepG2, isRep0Long } = this;
    for (const table of [literals, isMatch, isRep, isRepG0, isRepG1, isRepG2, isRep0Long]) table.fill(halfProbability);
    for (const table of [this.distanceSlots, this.distanceTail, this.distanceAlign]) table.fill(halfProbability);
    this.matchLength.reset();
    this.repLength.reset();
    this.state = 0;
    this.rep0 = this.rep1 = this.rep2 = this.rep3 = 0;
  }

  /** Decodes until the output holds `stopAt` bytes (`Infinity`: until the end marker). */
  decode(stopAt: number): LzmaStop {
    const { coder, output } = this;
    const positionMask = (1 << this.properties.pb) - 1;
    while (output.length < stopAt) {
      const positionState = (output.length - this.dictionaryStart) & positionMask;
      if (coder.bit(this.isMatch, (this.state << 4) + positionState) === 0) {
        this.literal();
        continue;
      }
      let length: number;
      if (coder.bit(this.isRep, this.state) === 0) {
        length = this.match(positionState);
        if (this.rep0 === 0xffffffff) return "marker";
      } else {
        length = this.repeat(positionState);
        if (length === 0) continue;
      }
      this.copy(length + 2, stopAt);
    }
    return "size";
  }

  private literal(): void {
    const { coder, output, literals } = this;
    const { lc, lp } = this.properties;
    const position = output.length - this.dictionaryStart;
    const previous = position > 0 ? (output.bytes[output.length - 1] as number) : 0;
    const context = ((position & ((1 << lp) - 1)) << lc) + (previous >>> (8 - lc));
    const base = 0x300 * context;
    let symbol = 1;
    if (this.state >= 7) {
      let matched = output.bytes[output.length - this.rep0 - 1] as number;
      do {
        const matchBit = (matched >>> 7) & 1;
        matched <<= 1;
        const bit = coder.bit(literals, base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | coder.bit(literals, base + symbol);
    if (output.length === output.bytes.length) output.reserve(1);
    output.bytes[output.length++] = symbol & 255;
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
  }

  /** A match of a new distance; returns its length − 2. */
  private match(positionState: number): number {
    this.rep3 = this.rep2;
    this.rep2 = this.rep1;
    this.rep1 = this.rep0;
    const length = this.matchLength.read(this.coder, positionState);
    this.state = this.state < 7 ? 7 : 10;
    this.rep0 = this.distance(length);
    return length;
  }

  private distance(length: number): number {
    const { coder } = this;
    const slot = coder.tree(this.distanceSlots, Math.min(length, 3) << 6, 6);
    if (slot < 4) return slot;
    const directBits = (slot >>> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** directBits;
    if (slot < 14) return base + coder.reverseTree(this.distanceTail, base - slot, directBits);
    return base + coder.direct(directBits - 4) * 16 + coder.reverseTree(this.distanceAlign, 0, 4);
  }

  /** A match of one of the last four distances; returns its length − 2, or 0 after a single byte was written. */
  private repeat(positionState: number): number {
    const { coder, output } = this;
    if (output.length === this.dictionaryStart) throw this.tooFar();
    if (coder.bit(this.isRepG0, this.state) === 0) {
      if (coder.bit(this.isRep0Long, (this.state << 4) + positionState) === 0) {
        this.state = this.state < 7 ? 9 : 11;
        this.copy(1, Number.POSITIVE_INFINITY);
        return 0;
      }
    } else {
      this.rotateDistances();
    }
    const length = this.repLength.read(coder, positionState);
    this.state = this.state < 7 ? 8 : 11;
    // A repeat of length 2 has the code 0, which stands for "one byte was written": copy it here.
    if (length > 0) return length;
    this.copy(2, Number.POSITIVE_INFINITY);
    return 0;
  }

  private rotateDistances(): void {
    const { coder } = this;
    let distance: number;
    if (coder.bit(this.isRepG1, this.state) === 0) {
      distance = this.rep1;
    } else {
      if (coder.bit(this.isRepG2, this.state) === 0) {
        distance = this.rep2;
      } else {
        distance = this.rep3;
        this.rep3 = this.rep2;
      }
      this.rep2 = this.rep1;
    }
    this.rep1 = this.rep0;
    this.rep0 = distance;
  }

  private copy(length: number, stopAt: number): void {
    const { output } = this;
    if (this.rep0 >= output.length - this.dictionaryStart) throw this.tooFar();
    if (output.length + length > stopAt) {
      throw damaged(this.coder.name, "an LZMA match runs past the announced size", this.coder.position);
    }
    output.copyBack(this.rep0 + 1, length);
  }

  private tooFar(): Error {
    return damaged(this.coder.name, "an LZMA match reaches before the beginning", this.coder.position);
  }
}

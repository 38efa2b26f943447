// A record of Kafka's record batches (magic 2), as kafkajs encodes it, byte for byte. kafkajs makes a buffer of 512 bytes for each
// record and one for each number in it; here records stand one behind the other in a slab.

type Bytes = Buffer | string;

export interface RecordFields {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: Bytes | null;
  readonly value?: Bytes | null;
  readonly headers?: Readonly<Record<string, Bytes | readonly Bytes[] | null>>;
}

/** What kafkajs takes for an encoder: it looks at `buf` and copies `buffer`. */
export class EncodedRecord {
  readonly buf: Buffer;
  readonly #from: number;
  readonly #to: number;

  constructor(slab: Buffer, from: number, to: number) {
    this.buf = slab;
    this.#from = from;
    this.#to = to;
  }

  get buffer(): Buffer {
    return this.buf.subarray(this.#from, this.#to);
  }
}

const slabBytes = 1 << 18;

/** `noValue` stands for a header without a value. */
export function recordEncoder(noValue: Buffer): (fields: RecordFields) => EncodedRecord {
  let slab: Buffer = Buffer.alloc(0);
  let at = 0;

  const writeUnsigned = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) slab[at++] = (rest % 0x80) | 0x80;
    slab[at++] = rest;
  };
  const writeSigned = (value: number): void => writeUnsigned(zigzag(value));
  const writeBytes = (bytes: Bytes | null | undefined, size: number): void => {
    writeSigned(size);
    if (size <= 0) return;
    at += typeof bytes === "string" ? slab.write(bytes, at, "utf8") : (bytes as Buffer).copy(slab, at);
  };

  return ({ offsetDelta = 0, timestampDelta = 0, key, value, headers = {} }) => {
    const pairs = headerPairs(headers);
    const [keySize, valueSize] = [sizeOf(key), sizeOf(value)];
    let size = 1 + signedSize(timestampDelta) + signedSize(offsetDelta) + bytesSize(keySize) + bytesSize(valueSize);
    size += signedSize(pairs.length);
    for (const [name, each] of pairs) {
      size += bytesSize(Buffer.byteLength(name)) + bytesSize(each === noValue ? -1 : sizeOf(each));
    }
    const whole = size + signedSize(size);
    if (at + whole > slab.length) {
      slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, whole));
      at = 0;
    }
    const from = at;
    writeSigned(size);
    // No attribute of a record is in use.
    slab[at++] = 0;
    writeSigned(timestampDelta);
    writeSigned(offsetDelta);
    writeBytes(key, keySize);
    writeBytes(value, valueSize);
    writeSigned(pairs.length);
    for (const [name, each] of pairs) {
      writeBytes(name, Buffer.byteLength(name));
      writeBytes(each, each === noValue ? -1 : sizeOf(each));
    }
    return new EncodedRecord(slab, from, at);
  };
}

/** One for each value of a name. */
function headerPairs(headers: NonNullable<RecordFields["headers"]>): readonly (readonly [string, Bytes | null])[] {
  const pairs: (readonly [string, Bytes | null])[] = [];
  for (const name of Object.keys(headers)) {
    const values = headers[name] as Bytes | readonly Bytes[] | null;
    if (Array.isArray(values)) for (const each of values as readonly Bytes[]) pairs.push([name, each]);
    else pairs.push([name, values as Bytes | null]);
  }
  return pairs;
}

/** −1: there is none. */
function sizeOf(bytes: Bytes | null | undefined): number {
  if (bytes === null || bytes === undefined) return -1;
  return typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
}

/** Small numbers of either sign become small ones; exact up to 2^52. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function signedSize(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** With its length in front. */
function bytesSize(size: number): number {
  return signedSize(size) + Math.max(0, size);
}

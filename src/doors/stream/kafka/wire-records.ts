// Records as client libraries have them: buffers, headers by name, offsets as text.
import type { StreamRecord } from "../port.ts";

export interface LibraryMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offset: string;
  readonly timestamp: string;
  readonly headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>> | undefined;
}

/** null comes although the libraries' own types do not have it. */
type HeaderValue = Buffer | string | null | undefined;

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A name may come more than once. `none` is what the library writes for a header without a value. */
export function headersOf(headers: StreamRecord["headers"], none: Buffer): Record<string, Buffer | Buffer[]> {
  const byName = new Map<string, Buffer[]>();
  for (const [name, value] of headers) {
    const list = byName.get(name) ?? [];
    list.push(value === null ? none : bufferOf(value));
    byName.set(name, list);
  }
  return Object.fromEntries([...byName].map(([name, list]) => [name, list.length === 1 ? list[0]! : list]));
}

export function recordOf(topic: string, partition: number, message: LibraryMessage): StreamRecord {
  const { key, value, timestamp, offset, headers } = message;
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key,
    value,
    timestamp: Number(timestamp),
    headers: headers === undefined ? noHeaders : listOf(headers),
  };
}

const noHeaders: StreamRecord["headers"] = [];

function listOf(headers: NonNullable<LibraryMessage["headers"]>): StreamRecord["headers"] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (isList(value) ? value : [value]).map((each) => {
      const bytes = each == null ? null : typeof each === "string" ? Buffer.from(each) : each;
      return [name, bytes] as const;
    }),
  );
}

function isList(value: HeaderValue | readonly HeaderValue[]): value is readonly HeaderValue[] {
  return Array.isArray(value);
}

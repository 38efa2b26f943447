// A part of an open file, as chunks or straight into a stream: the latter by a few buffers that are used again and again, which moves
// half as much again in the same time as new ones that are collected.
import { once } from "node:events";
import type { FileHandle } from "node:fs/promises";
import type { Writable } from "node:stream";

export interface FilePart {
  readonly from: number;
  /** Not included. */
  readonly end: number;
}

/** Closes the file with its end, and when it is left. */
export class FileBody implements AsyncIterable<Uint8Array> {
  readonly #handle: FileHandle;
  readonly #part: FilePart;

  constructor(handle: FileHandle, part: FilePart) {
    this.#handle = handle;
    this.#part = part;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (let at = this.#part.from; at < this.#part.end; ) {
        const chunk = await this.#read(this.#buffer(), at);
        at += chunk.length;
        yield chunk;
      }
    } finally {
      await this.#handle.close();
    }
  }

  /** Does not end the stream. @throws when the stream is closed before it has taken everything, or the file is shorter than it was */
  async writeTo(sink: Writable): Promise<void> {
    const left = new AbortController();
    // A stream that is gone calls nobody back for what waits in front of it.
    const gone = once(sink, "close", { signal: left.signal }).then(() => {
      throw new Error("the stream was closed");
    });
    gone.catch(() => {});
    try {
      const buffers: { readonly bytes: Buffer; free: Promise<void> }[] = [];
      let { from: at } = this.#part;
      for (let turn = 0; at < this.#part.end; turn = (turn + 1) % buffersInTurn) {
        const buffer = buffers[turn] ?? { bytes: this.#buffer(), free: Promise.resolve() };
        buffers[turn] = buffer;
        await Promise.race([buffer.free, gone]);
        const chunk = await this.#read(buffer.bytes, at);
        at += chunk.length;
        buffer.free = written(sink, chunk);
        buffer.free.catch(() => {});
      }
      await Promise.race([Promise.all(buffers.map(({ free }) => free)), gone]);
    } finally {
      left.abort();
      await this.#handle.close();
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #buffer(): Buffer {
    return Buffer.allocUnsafeSlow(Math.min(chunkBytes, this.#part.end - this.#part.from));
  }

  async #read(into: Buffer, at: number): Promise<Buffer> {
    const { bytesRead } = await this.#handle.read(into, 0, Math.min(into.length, this.#part.end - at), at);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    return into.subarray(0, bytesRead);
  }
}

function written(sink: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

const chunkBytes = 1 << 18;
const buffersInTurn = 3;

// Where lines go: a file, whose end is known and can be taken back to, or a stream, whose cannot.
import type { Writable } from "node:stream";

export interface AppendedPosition {
  /** The file itself, whatever its name. */
  readonly inode: string;
  /** Bytes of it that stand. */
  readonly bytes: number;
}

export interface LineSink extends AsyncDisposable {
  /** Written, and of a file on the disk, when it resolves. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** null: it has none. */
  readonly position: AppendedPosition | null;
}

export function streamSink(stream: Writable): LineSink {
  return {
    position: null,
    append(parts) {
      if (parts.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const settle = (error?: Error | null): void => {
          stream.off("error", settle);
          if (error == null) resolve();
          else reject(error);
        };
        // Without a listener of its own the stream's error would end the process.
        stream.once("error", settle);
        stream.write(Buffer.concat(parts), settle);
      });
    },
    async [Symbol.asyncDispose]() {},
  };
}

// Writing to a stream as fast as its reader takes it. A reader that went away (`… | head`) is no failure.
import type { Writable } from "node:stream";

/** The reader of the output closed it: the work is over, quietly. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Resolves when more may be written. @throws OutputClosed, and what the stream fails with */
export async function writeOutput(stream: Writable, text: string | Uint8Array): Promise<void> {
  if (text.length === 0) return;
  if (stream.destroyed || stream.writableEnded) throw new OutputClosed();
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(isClosed(error) ? new OutputClosed("", { cause: error }) : error);
    };
    stream.once("error", fail);
    // The callback, not "drain": only it tells of an error that a full pipe meets later.
    stream.write(text, (error) => {
      stream.off("error", fail);
      if (error) fail(error);
      else resolve();
    });
  });
}

export function isClosed(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED" || code === "ERR_STREAM_WRITE_AFTER_END";
}

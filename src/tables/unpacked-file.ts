// What a packed file holds, whole: its checksums and its end are looked at, which DuckDB does not do.
import { createReadStream, type ReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import { trimaranError } from "../base/errors.ts";

export type Packing = "gz" | "zst";

/**
 * Several gzip members or Zstandard frames, one behind the other, are one text.
 * @throws TABLE_READ where it ends early or is damaged, and what reading it throws
 */
export async function* unpackedFile(path: string, packing: Packing): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  for (let start = 0; start < size; ) {
    const file = createReadStream(path, { start });
    const unpack = packing === "gz" ? createGunzip() : createZstdDecompress();
    feed(file, unpack).catch((fault: Error) => unpack.destroy(fault));
    try {
      yield* unpack as AsyncIterable<Buffer>;
    } catch (cause) {
      if (file.errored !== null) throw cause;
      const problem = isShort(cause) ? "it ends too early" : "it cannot be unpacked";
      throw trimaranError("TABLE_READ", { name: path, problem }, { cause });
    } finally {
      file.destroy();
      unpack.destroy();
    }
    // Node's unpacker of gzip goes from member to member, that of Zstandard ends with a frame.
    start = packing === "gz" ? size : start + unpack.bytesWritten;
  }
}

/** One piece at a time: nothing is given to an unpacker that has come to its end within a piece. */
async function feed(file: ReadStream, unpack: Gunzip | ZstdDecompress): Promise<void> {
  let given = 0;
  for await (const piece of file as AsyncIterable<Buffer>) {
    given += piece.length;
    await new Promise<void>((taken, fail) => {
      unpack.write(piece, (error) => (error ? fail(error) : taken()));
    });
    if (unpack.bytesWritten < given) return;
  }
  unpack.end();
}

function isShort(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
}

// A file that others append to as well, as the input of a running stream: each write goes to its end, whole lines at a time. It has no
// position to go back to, so what was written just before a crash is written again.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { fileError } from "./appended-file.ts";
import type { LineSink } from "./line-sink.ts";

export async function openSharedFile(path: string): Promise<LineSink> {
  let handle: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(path, "a");
  } catch (error) {
    throw fileError(path, "written", error);
  }
  return {
    position: null,
    async append(parts) {
      if (parts.length === 0) return;
      try {
        await handle.appendFile(Buffer.concat(parts));
        await handle.datasync();
      } catch (error) {
        throw fileError(path, "written", error);
      }
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
    },
  };
}

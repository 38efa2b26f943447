// A folder of files for one test, removed afterwards.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
}

export async function scratchFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-test-"));
  const folder: ScratchFolder = {
    path,
    async write(more) {
      for (const [name, content] of Object.entries(more)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
  await folder.write(files);
  return folder;
}

// What identifies a model, without holding its bytes: for whoever asks whether it has it already.
import { stat } from "node:fs/promises";
import { defaultMaxBytes, digestRegularFile, fileError, localPath } from "./local-file.ts";

export interface SourceDigest {
  /** As `readSource` gives it. */
  readonly digest: string;
  /** Name and digest of everything that is read with the model, also of what is no part of its digest. */
  readonly contents: readonly (readonly [name: string, digest: string])[];
}

/** @throws what `readSource` throws */
export async function digestSource(
  uri: string,
  { maxBytes = defaultMaxBytes }: { readonly maxBytes?: number | undefined } = {},
): Promise<SourceDigest> {
  const path = localPath(uri);
  const info = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (!info.isDirectory()) return { digest: (await digestRegularFile(path, maxBytes)).digest, contents: [] };
  // What reads an MLmodel is not needed for a file.
  const { walkFolder } = await import("./read-source.ts");
  const { digest, members, examples } = await walkFolder(path, { maxBytes, open: digestRegularFile });
  const contents = [...members, ...examples].map(([name, file]) => [name, file.digest] as const);
  return { digest, contents };
}

// The manifest of a unit: read with care, as anybody may have written the file.
import type { Manifest } from "./ports.ts";

export const manifestFormat = "trimaran-batch/1";

/** null: not a manifest that we know. */
export function readManifestText(text: string): Manifest | null {
  try {
    const read = JSON.parse(text) as Partial<Manifest> | null;
    const isOurs = read?.format === manifestFormat && Array.isArray(read.outputs) && Array.isArray(read.inputs);
    return isOurs && Array.isArray(read.models) && typeof read.run === "string" ? (read as Manifest) : null;
  } catch {
    return null;
  }
}

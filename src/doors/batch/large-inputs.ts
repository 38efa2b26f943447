// Whether there is so much to read that it is worth starting threads before it is known what they will do.
import { stat } from "node:fs/promises";

export const largeBytes: number = 16 * 2 ** 20;

/** At a glance: of paths on this machine that name one file; of anything else nothing is known yet. */
export async function areLarge(inputs: readonly string[]): Promise<boolean> {
  const sizes = await Promise.all(
    inputs.map((input) =>
      stat(input).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) > largeBytes;
}

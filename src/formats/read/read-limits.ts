// What a file may cost to read, as its reader is told: one flat record, by the names that FORMAT_LIMIT says.
import { didYouMean } from "../../base/did-you-mean.ts";
import { trimaranError } from "../../base/errors.ts";
import { defaultPickleLimits, type PickleLimits } from "../pickle/limits.ts";

export interface ReadLimits extends PickleLimits {
  /** Bytes that may come out of a compressed file, or out of all members of a zip. @default 32 × its size, between 64 MiB and 2 GiB */
  readonly maxDecompressedBytes?: number;
  /** Members of a gzip file. @default 1000, or one for each 4 KiB of the file */
  readonly maxMembers?: number;
  /** Nodes of an ONNX graph (@default 1000000) or of a skops schema (@default 20000000). */
  readonly maxNodes?: number;
  /** Inputs and outputs of an ONNX graph. @default 100000 */
  readonly maxPorts?: number;
}

/** The limits of containers and of ONNX; a pickle's own are the others. */
const otherLimits: readonly (keyof ReadLimits)[] = ["maxDecompressedBytes", "maxMembers", "maxNodes", "maxPorts"];

export const limitNames: readonly string[] = [...Object.keys(defaultPickleLimits), ...otherLimits];

/** @throws USAGE_INVALID for a name that is no limit, or a value that is no number from 0 up */
export function assertLimits(limits: Readonly<Record<string, unknown>>, command = "inspect"): void {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue;
    if (!limitNames.includes(name)) {
      const problem = `There is no limit ${JSON.stringify(name)}${didYouMean(name, limitNames)}; limits are ${limitNames.join(", ")}.`;
      throw trimaranError("USAGE_INVALID", { problem, command });
    }
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw trimaranError("USAGE_INVALID", { problem: `The limit ${name} must be a whole number from 0 up.`, command });
    }
  }
}

/** Those of a pickle. */
export function pickleLimits(limits: ReadLimits = {}): PickleLimits {
  return Object.fromEntries(Object.entries(limits).filter(([name]) => Object.hasOwn(defaultPickleLimits, name)));
}

// "A pickle or a joblib file, compressed or not": one call for all of them.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { decompress } from "../archive/decompress.ts";
import { type Compression, sniffArchive } from "../archive/sniff.ts";
import type { PickleLimits } from "../pickle/limits.ts";
import { scanPickle } from "../pickle/read-pickle.ts";
import type { PickleReading } from "../pickle/reading.ts";
import { joblibContainer } from "./joblib.ts";
import { ufuncMakers } from "./numpy-roles.ts";

export interface JoblibOptions {
  /** The file's name, for errors. */
  readonly name: string;
  readonly limits?: PickleLimits;
  /** Of a gzip file. @default as `DecodeOptions` */
  readonly maxMembers?: number | undefined;
  /** The most bytes that may come out of a compressed file. @default 32 × its size, between 64 MiB and 2 GiB */
  readonly maxDecompressedBytes?: number;
}

export interface JoblibReading {
  /** The pickle inside. When it cannot be decompressed, a reading that has only a problem. */
  readonly reading: PickleReading;
  readonly compression: Compression | null;
  /** Whether joblib wrote raw arrays into it. */
  readonly joblib: boolean;
}

const mebibyte = 1024 * 1024;
const leastLimit = 64 * mebibyte;
const mostLimit = 2048 * mebibyte;
/** Forests compress to a fifth, matrices of zeros to a hundredth; what makes more than this of a large file is a bomb. */
const usualRatio = 32;

/**
 * Reads a pickle or joblib file into an inert tree; never throws for what is in the file. Its names have to be audited.
 */
export function scanJoblib(bytes: Uint8Array, options: JoblibOptions): JoblibReading {
  const { name, limits, maxMembers } = options;
  const kind = sniffArchive(bytes);
  const compression = kind === "zip" || kind === "legacy-joblib" ? null : kind;
  const container = joblibContainer();
  try {
    if (kind === "legacy-joblib")
      throw trimaranError("FORMAT_FEATURE", { name, feature: "the compression of joblib 0.9" });
    const content =
      compression === null
        ? bytes
        : decompress(compression, bytes, { name, maxBytes: byteLimit(bytes, options), maxMembers });
    const reading = scanPickle(content, {
      name,
      container,
      nameMakers: ufuncMakers,
      ...(limits === undefined ? {} : { limits }),
    });
    return { reading, compression, joblib: container.arrays > 0 };
  } catch (error) {
    if (!isTrimaranError(error) || error.code === "USAGE_INVALID") throw error;
    return { reading: failedReading(name, error), compression, joblib: false };
  }
}

function byteLimit(bytes: Uint8Array, options: JoblibOptions): number {
  const usual = Math.min(Math.max(usualRatio * bytes.length, leastLimit), mostLimit);
  return options.maxDecompressedBytes ?? usual;
}

function failedReading(name: string, problem: TrimaranError): PickleReading {
  return {
    name,
    root: undefined,
    problem,
    globals: [],
    forbidden: [],
    protocol: 0,
    opcodes: 0,
    endOffset: 0,
    trailingBytes: 0,
    trailingGlobals: [],
  };
}

// Where a log is kept and how: what its writers share.
import { randomBytes } from "node:crypto";
import process from "node:process";

export interface LogPlaceOptions {
  /** `.trimaran/predictions`: below it lie `<deployment>/<date>/<process>-<n>.ndjson`. */
  readonly root: string;
  /** The oldest files are deleted when all of them take more. @default 1 GiB */
  readonly maxBytes?: number;
  /** A file that has grown so large gets a successor. @default an eighth of maxBytes, at most 64 MiB */
  readonly fileBytes?: number;
  /** A file that is so old gets a successor. @default 3600000 ms */
  readonly fileMs?: number;
  /** Lines that wait to be written, of one deployment. @default 8 MiB */
  readonly bufferBytes?: number;
  /** Lines are written so soon after they came, or sooner. @default 250 ms */
  readonly flushMs?: number;
  /** Told once when writing fails, and once when it works again. @default nobody */
  readonly onProblem?: (problem: LogProblem) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

export type LogProblem =
  | { readonly kind: "failed"; readonly root: string; readonly error: unknown }
  | { readonly kind: "recovered"; readonly root: string; readonly dropped: number };

export interface LogPlace extends Required<LogPlaceOptions> {
  /** Unique among all processes on all machines that share the folder. */
  readonly process: string;
}

export const defaultLogBytes: number = 2 ** 30;

export function resolveLogPlace(options: LogPlaceOptions): LogPlace {
  const maxBytes = options.maxBytes ?? defaultLogBytes;
  return {
    maxBytes,
    fileBytes: Math.max(1, Math.min(2 ** 26, Math.floor(maxBytes / 8))),
    fileMs: 3_600_000,
    bufferBytes: 2 ** 23,
    flushMs: 250,
    onProblem: () => {},
    now: Date.now,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    root: options.root,
    // A process in a container is often number 1.
    process: `${process.pid}-${randomBytes(4).toString("hex")}`,
  };
}

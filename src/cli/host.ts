// What a command is given of the process: tests give streams and signals of their own.
import type { Readable, Writable } from "node:stream";

export interface CliHost {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on Ctrl-C and on SIGTERM, with a `StopSignal` as its reason. */
  readonly signal: AbortSignal;
  /** Whom SIGHUP asks to read its configuration anew; while nobody listens it ends the process, as it does by default. */
  readonly onReload?: (listener: () => void) => Disposable;
}

/** A stream that may be a terminal. */
export type CliOutput = Writable & { readonly isTTY?: boolean };

export type StopSignal = "SIGINT" | "SIGTERM";

/** Colours and progress are for terminals whose user did not refuse them. */
export function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

export function wantsColor(stream: CliOutput, env: CliHost["env"]): boolean {
  return isTerminal(stream) && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

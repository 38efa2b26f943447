// One call of the command line in this process, with streams of its own.
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { StopSignal } from "../../src/cli/host.ts";
import { run } from "../../src/cli/run.ts";

export interface CliCall {
  readonly stdin?: string | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly stopWhen?: StopWhen;
  /** stderr is a terminal. @default false */
  readonly terminal?: boolean;
}

/** Stops the call when it says something, on either stream. */
export interface StopWhen {
  readonly says: RegExp;
  readonly reason: StopSignal;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(argv: readonly string[], call: CliCall = {}): Promise<CliResult> {
  const stop = new AbortController();
  const { stopWhen } = call;
  const listen = (text: string): void => {
    if (stopWhen?.says.test(text)) setImmediate(() => stop.abort(stopWhen.reason));
  };
  const stdout = new TextSink(listen);
  const stderr = new TextSink(listen, call.terminal);
  const { stdin: given = "" } = call;
  const stdin = typeof given === "string" ? Readable.from([Buffer.from(given)], { objectMode: false }) : given;
  const signal = call.signal ?? stop.signal;
  const code = await run(argv, { stdin, stdout, stderr, env: call.env ?? {}, signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export function stopAfter(ms: number, reason: StopSignal): AbortSignal {
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), ms).unref();
  return stop.signal;
}

/** The rows of an NDJSON text. */
export function rowsOf(text: string): readonly unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

export const root: string = fileURLToPath(new URL("../../", import.meta.url));
export const ride = `${root}examples/ride-duration`;
export const linear = `${ride}/lin_reg.bin`;
export const forest = `${ride}/forest`;
export const rides = `${ride}/rides.ndjson`;
export const parity = `${ride}/parity.ndjson`;

class TextSink extends Writable {
  readonly isTTY: boolean;
  readonly #onText: (text: string) => void;
  text = "";

  constructor(onText: (text: string) => void, isTTY = false) {
    super({ decodeStrings: false });
    this.#onText = onText;
    this.isTTY = isTTY;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.#onText(this.text);
    done();
  }
}

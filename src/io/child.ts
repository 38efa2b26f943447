// A child process with which messages are exchanged, and its end told once.
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";

export interface ChildOptions {
  /** The file that it runs. */
  readonly entry: URL;
  /** Beside our own environment. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Of its Node; one that NODE_OPTIONS gives too is the user's. @default [] */
  readonly flags?: readonly string[];
  /** @param handle the socket that came beside it */
  readonly onMessage: (message: unknown, handle: unknown) => void;
  readonly onExit: (how: ChildExit) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** "exit code 1", "signal SIGKILL". */
  readonly text: string;
}

export class Child {
  readonly process: ChildProcess;
  #exit: ChildExit | null = null;

  constructor({ entry, env = {}, flags = [], onMessage, onExit }: ChildOptions) {
    // What it prints belongs to stderr: stdout is for our results. Flags of this program are not the child's.
    this.process = fork(fileURLToPath(entry), [], {
      execArgv: flags.filter((flag) => !process.env["NODE_OPTIONS"]?.includes(flag.replace(/=.*/, ""))),
      // glibc's allocator keeps what every thread has freed; two places to keep it are enough.
      env: { MALLOC_ARENA_MAX: "2", ...process.env, ...env },
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "advanced",
    });
    const end = (how: Omit<ChildExit, "text">, text: string): void => {
      if (this.#exit !== null) return;
      this.#exit = { ...how, text };
      onExit(this.#exit);
    };
    this.process.on("message", onMessage);
    this.process.on("error", (error) => {
      // A message that could not be sent is no end; a process that could not be started is.
      if (this.process.pid === undefined)
        end({ code: null, signal: null }, `it could not be started: ${error.message}`);
    });
    this.process.on("exit", (code, signal) =>
      end({ code, signal }, signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  }

  get pid(): number {
    return this.process.pid ?? -1;
  }

  get hasExited(): boolean {
    return this.#exit !== null;
  }

  /** Whoever is gone is not told; its end is told elsewhere. */
  send(message: object, handle?: object, sent: () => void = () => {}): void {
    if (!this.process.connected) sent();
    else if (handle === undefined) this.process.send(message, sent);
    else this.process.send(message, handle as Socket, sent);
  }

  kill(): void {
    if (!this.hasExited) this.process.kill("SIGKILL");
  }
}

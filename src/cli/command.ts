// A command: what it takes, as data, and the module that does it, imported only when it is called.
import type { Flag } from "./flag.ts";
import type { CliHost } from "./host.ts";
import type { Messages } from "./messages.ts";
import type { Settings } from "./settings.ts";

export interface Command {
  readonly name: string;
  readonly says: string;
  /** Paragraphs below the usage line. */
  readonly about: readonly string[];
  /** Null: it takes none. */
  readonly argument: Argument | null;
  /** Behind it, exactly one. @default none */
  readonly second?: Omit<Argument, "many">;
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /** How many threads Node has for work outside of JavaScript. @default its own four */
  readonly nativeThreads?: (settings: Settings) => number;
  readonly load: () => Promise<CommandModule>;
}

export interface Argument {
  /** `TARGET` */
  readonly name: string;
  readonly says: string;
  /** Several may be given. */
  readonly many: boolean;
}

export interface Example {
  readonly says: string;
  /** The line as it would be typed. */
  readonly line: string;
}

export interface CommandCall {
  /** At least one, of a command that takes any. */
  readonly args: readonly string[];
  readonly settings: Settings;
  readonly host: CliHost;
  readonly messages: Messages;
}

export interface CommandModule {
  /** Gives the exit code; failures are thrown. */
  readonly execute: (call: CommandCall) => Promise<number>;
}

// The one error class of the project and the typed way to make it from the error table.
import { type ErrorCode, errorTable } from "./error-table.ts";

/**
 * What went wrong, in one word; only a door turns it into an HTTP status, an exit code, a retry or a dead letter.
 *
 * - `invalid`: the caller's input is malformed
 * - `untrusted`: the file would run code, or asks for something that is never allowed
 * - `unsupported`: sound, but we do not know this
 * - `missing`: the thing that was named is not there
 * - `conflict`: two things exclude one another
 * - `denied`: not permitted
 * - `busy`: full now, try again
 * - `timeout`: a deadline passed
 * - `unavailable`: a peer or resource does not answer
 * - `internal`: our own mistake
 */
export type ErrorKind =
  | "invalid"
  | "untrusted"
  | "unsupported"
  | "missing"
  | "conflict"
  | "denied"
  | "busy"
  | "timeout"
  | "unavailable"
  | "internal";

/** One problem in a user's data: a JSON Pointer (`""` is the whole value), a stable code and a sentence. */
export interface Issue {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** One row of the error table: the kind, a message with `{slots}` and what the reader can do about it. */
export interface ErrorRow {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly fix: string;
}

type SlotNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | SlotNames<Rest>
  : never;

/** The values that a code's message and fix need, by slot name. */
export type ErrorSlots<Code extends ErrorCode> = Readonly<
  Record<SlotNames<(typeof errorTable)[Code]["message"]> | SlotNames<(typeof errorTable)[Code]["fix"]>, string | number>
>;

export interface ErrorExtras {
  readonly cause?: unknown;
  readonly issues?: readonly Issue[];
}

/** Every failure that a user can meet. `code` is a row of the error table; `message` and `fix` are its filled templates. */
export class TrimaranError extends Error {
  override readonly name = "TrimaranError";
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly fix: string;
  readonly issues: readonly Issue[];

  constructor(code: ErrorCode, text: { message: string; fix: string }, extras: ErrorExtras = {}) {
    super(text.message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.kind = errorTable[code].kind;
    this.fix = text.fix;
    this.issues = extras.issues ?? [];
  }
}

/** Makes (does not throw) the error of a table row. Slots are cut to 300 characters, so that hostile names cannot flood a log. */
export function trimaranError<Code extends ErrorCode>(
  code: Code,
  slots: ErrorSlots<Code>,
  extras: ErrorExtras = {},
): TrimaranError {
  const row: ErrorRow = errorTable[code];
  return new TrimaranError(code, { message: fill(row.message, slots), fix: fill(row.fix, slots) }, extras);
}

export function isTrimaranError(value: unknown): value is TrimaranError {
  return value instanceof TrimaranError;
}

const maxSlotChars = 300;

function fill(template: string, slots: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => printable(String(slots[name] ?? `{${name}}`)));
}

function printable(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ud800-\udfff]/gu, "\ufffd");
  return clean.length > maxSlotChars ? `${clean.slice(0, maxSlotChars)}…` : clean;
}

// What reading a pickle gives: the inert tree, and everything that the audit needs to decide whether it may be used.
import type { ByteCursor } from "../../base/byte-cursor.ts";
import type { TrimaranError } from "../../base/errors.ts";
import type { PickleLimits } from "./limits.ts";
import type { PyGlobal, PyObject, PyValue } from "./tree.ts";

/** An opcode that calls or fills what a name stands for. */
export type CallOpcode = "REDUCE" | "NEWOBJ" | "NEWOBJ_EX" | "INST" | "OBJ";

/** The functions of copyreg by which a REDUCE makes an object of a class as NEWOBJ does: the class itself is not called. */
export type CopyregMaker = "__newobj__" | "_reconstructor";

/** One name that the stream asks for, however often it does. */
export interface GlobalUse {
  /** Module and name, with Python-2 names already in their Python-3 spelling; `offset` is where it is first named. */
  readonly global: PyGlobal;
  /** The opcode that first named it: GLOBAL, STACK_GLOBAL or INST. */
  readonly opcode: string;
  /** How it is called (in skops by which loader): each opcode once, at its first offset. Empty when it is only named. */
  readonly calls: readonly { readonly opcode: CallOpcode | string; readonly offset: number }[];
}

/** Something that no model needs and that no allow-list can permit, because it has no name to look up. */
export interface ForbiddenUse {
  /**
   * - `persistent-id`, `extension-code`: stands for an object that only the reading program knows
   * - `call`: calls something that is no plain name
   * - `build`: sets the state of something that is no object
   * - `encoding`: `_codecs.encode` with another encoding than latin1
   */
  readonly kind: "persistent-id" | "extension-code" | "call" | "build" | "encoding";
  readonly opcode: string;
  readonly offset: number;
  /** A sentence without values: "REDUCE would have called an object of posix.system". */
  readonly what: string;
}

export interface PickleReading {
  readonly name: string;
  /** The value, or undefined when there is a problem. Use it only after `assertTrusted`. */
  readonly root: PyValue | undefined;
  /** Why there is no value: the stream is broken, goes over a limit, or does something forbidden. */
  readonly problem: TrimaranError | null;
  /** Every name of the stream and of the pickles nested in it, up to where it broke off, in the order of first use. */
  readonly globals: readonly GlobalUse[];
  readonly forbidden: readonly ForbiddenUse[];
  /** What PROTO says; without PROTO the protocol of the newest opcode. */
  readonly protocol: number;
  /** How many opcodes were executed, nested pickles included. */
  readonly opcodes: number;
  /** The offset after STOP, or where reading broke off. */
  readonly endOffset: number;
  /** Bytes after STOP, which Python ignores; 0 when reading broke off. */
  readonly trailingBytes: number;
  /** Names that further pickles after STOP ask for. */
  readonly trailingGlobals: readonly GlobalUse[];
}

/**
 * A format that puts its own bytes between the opcodes of a pickle.
 */
export interface PickleContainer {
  /**
   * Called after every BUILD, when the cursor stands right behind the opcode. To take bytes, move the cursor and return
   * the value that replaces the object on the stack (not in the memo); to leave the object alone, return undefined and do not move the
   * cursor. `nested(start)` reads a whole pickle (its own memo and stack, the same budget and audit, no container) that
   * begins at `start` and leaves the cursor after its STOP. Errors thrown here become the reading's problem.
   */
  afterBuild(object: PyObject, cursor: ByteCursor, nested: (start: number) => PyValue): PyValue | undefined;
}

export interface PickleOptions {
  /** The file's name, for errors. */
  readonly name: string;
  readonly limits?: PickleLimits;
  readonly container?: PickleContainer;
  /**
   * Functions (`module.name`) that look up what two strings name, as an old numpy pickles its ufuncs. A REDUCE of one stands
   * for that name, which the audit then judges as if the stream had named it itself.
   */
  readonly nameMakers?: readonly string[];
}

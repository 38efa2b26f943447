// Bytes → inert tree. Reading decides nothing about trust: `assertTrusted` of audit.ts does, before the tree is used.
import { ByteCursor } from "../../base/byte-cursor.ts";
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { PickleBudget, resolvePickleLimits } from "./limits.ts";
import { PickleMachine } from "./machine.ts";
import { assertMeasure } from "./measure.ts";
import { GlobalRegister } from "./names.ts";
import type { MachineSetup } from "./operations.ts";
import type { ForbiddenUse, GlobalUse, PickleOptions, PickleReading } from "./reading.ts";
import type { PyValue } from "./tree.ts";
import { forbiddenError } from "./untrusted.ts";

/**
 * Reads a pickle into an inert tree and never throws on a bad stream: a file that breaks off still tells which names it
 * asked for until then.
 *
 * @throws USAGE_INVALID for limits that do not exist.
 */
export function scanPickle(bytes: Uint8Array, options: PickleOptions): PickleReading {
  const { name, nameMakers = [] } = options;
  const budget = new PickleBudget(name, resolvePickleLimits(options.limits));
  const cursor = new ByteCursor(bytes, name);
  const register = new GlobalRegister(budget);
  const forbidden: ForbiddenUse[] = [];
  const machine = new PickleMachine({ cursor, budget, register, forbidden, container: options.container, nameMakers });
  let root: PyValue | undefined;
  let problem: TrimaranError | null = null;
  let endOffset = 0;
  let trailing: readonly GlobalUse[] = [];
  try {
    if (bytes.length === 0) throw trimaranError("FORMAT_EMPTY", { name });
    if (bytes.length > budget.limits.maxBytes) throw budget.crossed("maxBytes", `it has ${bytes.length} bytes`);
    const value = machine.run();
    endOffset = cursor.offset;
    trailing = scanTrailing({
      cursor,
      budget,
      register: new GlobalRegister(budget),
      forbidden: [],
      container: undefined,
      nameMakers,
    });
    assertMeasure(value, budget);
    if (forbidden.length > 0) problem = forbiddenError(name, forbidden);
    else root = value;
  } catch (error) {
    problem = typed(error);
    endOffset ||= cursor.offset;
  }
  return {
    name,
    root,
    problem,
    globals: register.uses,
    forbidden,
    protocol: machine.protocol,
    opcodes: budget.opcodes,
    endOffset,
    trailingBytes: machine.stopped ? bytes.length - endOffset : 0,
    trailingGlobals: trailing,
  };
}

/** A pickle without a problem. */
export type SoundReading = PickleReading & { readonly root: PyValue; readonly problem: null };

/**
 * Reads a pickle into an inert tree; its names still have to be audited.
 *
 * @throws FORMAT_EMPTY, FORMAT_TRUNCATED, FORMAT_DAMAGED, FORMAT_LIMIT, PICKLE_OPCODE, PICKLE_STACK, PICKLE_ARGUMENT,
 *   PICKLE_BUFFERS, PICKLE_PROTOCOL; PICKLE_UNTRUSTED for what no allow-list can permit.
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions): SoundReading {
  const reading = scanPickle(bytes, options);
  assertSound(reading);
  return reading;
}

/** Throws the problem of a reading. Audit first: a hostile file that is also damaged should be called hostile. */
export function assertSound(reading: PickleReading): asserts reading is SoundReading {
  if (reading.problem !== null) throw reading.problem;
}

// Python ignores what follows STOP, but a program that loads twice from one file does not: further pickles are read for
// their names, up to the first byte that is none.
function scanTrailing(setup: MachineSetup): readonly GlobalUse[] {
  try {
    while (setup.cursor.left > 0) new PickleMachine(setup).run();
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
  }
  return setup.register.uses;
}

function typed(error: unknown): TrimaranError {
  if (isTrimaranError(error)) return error;
  const problem = error instanceof Error ? error.message : "reading a pickle";
  return trimaranError("INTERNAL", { problem }, { cause: error });
}

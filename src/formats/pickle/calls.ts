// What REDUCE on a name makes. Nearly everything stays an inert object; only Python's own ways to write its plain values
// through a call become those values. Nothing is called: each case is a rewriting of arguments that are already there.
import type { PickleBudget } from "./limits.ts";
import { encodeLatin1 } from "./text.ts";
import type { PyBytes, PyCall, PyDict, PyGlobal, PyObject, PyTuple, PyValue } from "./tree.ts";
import { isNode } from "./tree.ts";

/** How a call was written. */
export interface CallForm {
  readonly via: PyCall;
  readonly args: PyTuple;
  readonly kwargs: PyDict | null;
  readonly offset: number;
}

/** Approximate bytes of an inert object. */
const objectBytes = 200;
const bytesHeader = 160;

export function inertObject(callee: PyGlobal, form: CallForm, budget: PickleBudget): PyObject {
  budget.allocate(objectBytes);
  return {
    kind: "object",
    via: form.via,
    callee,
    args: form.args,
    kwargs: form.kwargs,
    states: [],
    appended: [],
    entries: null,
    offset: form.offset,
  };
}

/** The plain value that a REDUCE stands for, or undefined when it stays an object. */
export function plainValue(callee: PyGlobal, args: PyTuple, budget: PickleBudget): PyValue | undefined {
  switch (callee.module) {
    case "builtins":
      switch (callee.name) {
        case "set":
        case "frozenset":
          return setOf(args, callee.name === "frozenset", budget);
        case "bytearray":
          return bytesOf(args, true, budget);
        case "bytes":
          return args.items.length === 0 ? bytesOf(args, false, budget) : undefined;
        default:
          return undefined;
      }
    case "_codecs":
      return callee.name === "encode" && isLatin1Encode(args) ? bytesOf(args, false, budget) : undefined;
    default:
      return undefined;
  }
}

/** `_codecs.encode` may only be how protocols 0 to 2 write bytes: other codecs load code by name. */
export function isLatin1Encode(args: PyTuple): boolean {
  const [text, encoding] = args.items;
  return args.items.length === 2 && typeof text === "string" && (encoding === "latin1" || encoding === "latin-1");
}

// `set([…])`: the items are copied, as in Python, because the list may grow afterwards; the copy is paid for.
function setOf(args: PyTuple, frozen: boolean, budget: PickleBudget): PyValue | undefined {
  const [source] = args.items;
  if (args.items.length === 0) return { kind: "set", frozen, items: [] };
  if (args.items.length !== 1 || !isNode(source)) return undefined;
  if (source.kind !== "list" && source.kind !== "tuple" && source.kind !== "set") return undefined;
  budget.addItems(source.items.length);
  return { kind: "set", frozen, items: source.items.slice() };
}

// `bytearray(b"…")`, `bytearray("latin-1 text", "latin-1")`, `_codecs.encode("latin-1 text", "latin1")`, or no arguments.
function bytesOf(args: PyTuple, mutable: boolean, budget: PickleBudget): PyBytes | undefined {
  const [source] = args.items;
  budget.allocate(bytesHeader);
  if (args.items.length === 0) return { kind: "bytes", value: new Uint8Array(0), mutable };
  if (typeof source === "string" && isLatin1Encode(args)) {
    budget.allocate(source.length);
    const value = encodeLatin1(source);
    return value === undefined ? undefined : { kind: "bytes", value, mutable };
  }
  if (args.items.length !== 1 || !isNode(source) || source.kind !== "bytes") return undefined;
  return { kind: "bytes", value: source.value, mutable };
}

// The inert tree that reading a pickle (or any container of Python objects) yields. Nothing in it can run.
//
// Python integers are `number` when exactly representable, else `bigint`; floats are boxed, because 1 and 1.0 are
// different labels. A tree may share nodes and may be cyclic (a list that holds itself): a walker must bound its depth
// and count its visits.

export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyBytes
  | PyTuple
  | PyList
  | PySet
  | PyDict
  | PyGlobal
  | PyObject;

/** The values that are objects, told apart by `kind`. */
export type PyNode = Extract<PyValue, { readonly kind: string }>;

export interface PyFloat {
  readonly kind: "float";
  readonly value: number;
}

/** `bytes`, or `bytearray` when `mutable`. A view into the file where possible. */
export interface PyBytes {
  readonly kind: "bytes";
  readonly value: Uint8Array;
  readonly mutable: boolean;
}

export interface PyTuple {
  readonly kind: "tuple";
  readonly items: readonly PyValue[];
}

export interface PyList {
  readonly kind: "list";
  readonly items: PyValue[];
}

export interface PySet {
  readonly kind: "set";
  readonly frozen: boolean;
  readonly items: PyValue[];
}

/** Keys and values in insertion order. A repeated key stands twice; the later one counts (see `dictGet`). */
export interface PyDict {
  readonly kind: "dict";
  readonly keys: PyValue[];
  readonly values: PyValue[];
}

/** A name that the pickle asks for. It is never looked up. */
export interface PyGlobal {
  readonly kind: "global";
  readonly module: string;
  readonly name: string;
  /** Byte offset of the opcode in the stream. */
  readonly offset: number;
}

/** How the pickle would have called `callee`. */
export type PyCall = "reduce" | "newobj" | "newobj_ex" | "inst" | "obj";

/** What a REDUCE, NEWOBJ, … would have made: the callee, its arguments and everything that was put into it afterwards. */
export interface PyObject {
  readonly kind: "object";
  readonly via: PyCall;
  readonly callee: PyGlobal;
  readonly args: PyTuple;
  readonly kwargs: PyDict | null;
  /** Operands of BUILD, in order (nearly always none or one). */
  readonly states: PyValue[];
  /** Operands of APPEND and APPENDS (subclasses of list, deque). */
  readonly appended: PyValue[];
  /** Operands of SETITEM and SETITEMS (subclasses of dict such as OrderedDict and Bunch), or null when there are none. */
  entries: PyDict | null;
  readonly offset: number;
}

/** Builds a global that stands for an allowed constructor; containers that are no pickles (joblib arrays, skops) use it. */
export function pyGlobal(module: string, name: string, offset: number): PyGlobal {
  return { kind: "global", module, name, offset };
}

export function pyTuple(items: readonly PyValue[]): PyTuple {
  return { kind: "tuple", items };
}

/** Builds an inert call. `states` is what BUILD would pass. */
export function pyObject(callee: PyGlobal, args: readonly PyValue[], states: readonly PyValue[] = []): PyObject {
  return {
    kind: "object",
    via: "reduce",
    callee,
    args: pyTuple(args),
    kwargs: null,
    states: [...states],
    appended: [],
    entries: null,
    offset: callee.offset,
  };
}

export function isNode(value: PyValue | undefined): value is PyNode {
  return typeof value === "object" && value !== null;
}

/** The value under a string key; the last one wins, as in Python. `undefined` when absent. */
export function dictGet(dict: PyDict, key: string): PyValue | undefined {
  for (let i = dict.keys.length - 1; i >= 0; i--) if (dict.keys[i] === key) return dict.values[i];
  return undefined;
}

/** "a list of 3", "the class sklearn.svm._classes.SVC", … for error messages; never shows values. */
export function describeValue(value: PyValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  switch (typeof value) {
    case "boolean":
      return "a bool";
    case "number":
    case "bigint":
      return "an int";
    case "string":
      return "a str";
  }
  switch (value.kind) {
    case "float":
      return "a float";
    case "bytes":
      return value.mutable ? "a bytearray" : "bytes";
    case "tuple":
      return `a tuple of ${value.items.length}`;
    case "list":
      return `a list of ${value.items.length}`;
    case "set":
      return `a set of ${value.items.length}`;
    case "dict":
      return `a dict of ${value.keys.length}`;
    case "global":
      return `the name ${value.module}.${value.name}`;
    case "object":
      return `an object of ${value.callee.module}.${value.callee.name}`;
  }
}

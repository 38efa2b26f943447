// What the opcodes do to the stack, the memo and the values on them. The machine decides which; here each one is checked first.
import type { ByteCursor } from "../../base/byte-cursor.ts";
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { ArgumentReader } from "./arguments.ts";
import { type CallForm, inertObject, isLatin1Encode, plainValue } from "./calls.ts";
import type { PickleBudget } from "./limits.ts";
import { Memo } from "./memo.ts";
import type { GlobalRegister } from "./names.ts";
import type { CallOpcode, CopyregMaker, ForbiddenUse, PickleContainer } from "./reading.ts";
import { OperandStack } from "./stack.ts";
import {
  describeValue,
  isNode,
  type PyCall,
  type PyDict,
  type PyGlobal,
  type PyObject,
  type PyTuple,
  type PyValue,
  pyGlobal,
  pyTuple,
} from "./tree.ts";

/** What a machine works with; nested machines share everything but the container. */
export interface MachineSetup {
  readonly cursor: ByteCursor;
  readonly budget: PickleBudget;
  readonly register: GlobalRegister;
  /** Filled by the machine. */
  readonly forbidden: ForbiddenUse[];
  readonly container: PickleContainer | undefined;
  readonly nameMakers: readonly string[];
}

const maxForbidden = 1000;
const containerBytes = 120;
/** What an array takes beside its items when the first is put into it one by one: it grows in steps. */
const growthBytes = 136;
const slotBytes = 8;
const tuplesPerProbe = 16_384;

const callForms = {
  REDUCE: "reduce",
  NEWOBJ: "newobj",
  NEWOBJ_EX: "newobj_ex",
  INST: "inst",
  OBJ: "obj",
} as const satisfies Record<CallOpcode, PyCall>;

export class Operations {
  readonly stack: OperandStack = new OperandStack();
  readonly #memo = new Memo();
  readonly #setup: MachineSetup;
  readonly #budget: PickleBudget;
  readonly #argument: ArgumentReader;
  #tuples = 0;

  constructor(setup: MachineSetup, argument: ArgumentReader) {
    this.#setup = setup;
    this.#budget = setup.budget;
    this.#argument = argument;
  }

  pop(): PyValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.#tooFew();
    return value;
  }

  top(): PyValue {
    const value = this.stack.top();
    if (value === undefined) throw this.#tooFew();
    return value;
  }

  /** The index of the first of the top `count` values. */
  operands(count: number): number {
    if (this.stack.reachable < count) throw this.#tooFew();
    return this.stack.values.length - count;
  }

  /** Takes the last mark away and gives the index of the first value above it. */
  popMark(): number {
    const first = this.stack.popMark();
    if (first === undefined) throw this.unsound(`${this.#argument.name} finds no mark`);
    return first;
  }

  takeMarked(): PyValue[] {
    return this.stack.takeFrom(this.popMark());
  }

  tuple(items: readonly PyValue[]): PyTuple {
    this.#budget.allocate(containerBytes + slotBytes * items.length);
    if (++this.#tuples % tuplesPerProbe === 0) this.#assertShallow(items);
    return pyTuple(items);
  }

  /** The whole tree is measured at the end; a file of nothing but tuples around tuples is not read that far. */
  #assertShallow(items: readonly PyValue[]): void {
    const { maxDepth } = this.#budget.limits;
    let depth = 1;
    for (let inner = items[0]; inner !== undefined && isNode(inner) && inner.kind === "tuple"; inner = inner.items[0]) {
      if (++depth > maxDepth) throw this.#budget.crossed("maxDepth", "its values are nested deeper");
    }
  }

  pushTuple(items: readonly PyValue[]): void {
    this.stack.push(this.tuple(items));
  }

  pushList(items: PyValue[]): void {
    this.#allowItems(items.length);
    this.stack.push({ kind: "list", items });
  }

  pushSet(items: PyValue[], frozen: boolean): void {
    this.#allowItems(items.length);
    for (const item of items) this.#assertHashable(item);
    this.stack.push({ kind: "set", frozen, items });
  }

  pushDict(first: number): void {
    const dict = this.#newDict();
    this.#fill(dict, first);
    this.stack.push(dict);
  }

  append(first: number): void {
    const { values } = this.stack;
    const target = this.#below(first);
    this.#budget.addItems(values.length - first);
    const items = target.kind === "list" ? target.items : target.kind === "object" ? target.appended : undefined;
    if (items === undefined) throw this.unsound(`${this.#argument.name} puts items into ${describeValue(target)}`);
    if (items.length === 0) this.#budget.allocate(growthBytes);
    for (let i = first; i < values.length; i++) items.push(values[i] as PyValue);
    values.length = first;
  }

  setItems(first: number): void {
    const target = this.#below(first);
    if (target.kind === "dict") {
      this.#fill(target, first);
    } else if (target.kind === "object") {
      target.entries ??= this.#newDict();
      this.#fill(target.entries, first);
    } else {
      throw this.unsound(`${this.#argument.name} puts entries into ${describeValue(target)}`);
    }
  }

  addItems(first: number): void {
    const { values } = this.stack;
    const target = this.#below(first);
    if (target.kind !== "set" || target.frozen) throw this.unsound(`ADDITEMS puts items into ${describeValue(target)}`);
    this.#budget.addItems(values.length - first);
    for (let i = first; i < values.length; i++) {
      const item = values[i] as PyValue;
      this.#assertHashable(item);
      target.items.push(item);
    }
    values.length = first;
  }

  recall(index: number): PyValue {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw this.unsound(`${this.#argument.name} asks for entry ${index}, which was never stored,`);
    return value;
  }

  remember(index: number): void {
    if (this.#memo.set(index, this.top())) this.#budget.addMemo();
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  global(module: string, name: string): PyGlobal {
    return this.#setup.register.name([module, name], this.#argument.name, this.#argument.offset);
  }

  stackGlobal(): void {
    const name = this.pop();
    const module = this.pop();
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.#argument.invalid(
        `module and name must be str, not ${describeValue(module)} and ${describeValue(name)}`,
      );
    }
    this.stack.push(this.global(module, name));
  }

  /** REDUCE and NEWOBJ. */
  callWithArgs(opcode: "REDUCE" | "NEWOBJ"): void {
    const args = this.#asTuple(this.pop());
    const callee = this.pop();
    this.stack.push(this.call(opcode, callee, { args, kwargs: null }));
  }

  /** NEWOBJ_EX. */
  callWithKeywords(): void {
    const kwargs = this.pop();
    const args = this.#asTuple(this.pop());
    const callee = this.pop();
    if (!isNode(kwargs) || kwargs.kind !== "dict") {
      throw this.#argument.invalid(`the keywords are ${describeValue(kwargs)}, not a dict`);
    }
    this.stack.push(this.call("NEWOBJ_EX", callee, { args, kwargs }));
  }

  /** What a call stands for: never a call, always a value that is there already or an inert object. */
  call(opcode: CallOpcode, callee: PyValue, passed: Pick<CallForm, "args" | "kwargs">): PyValue {
    const form: CallForm = { ...passed, via: callForms[opcode], offset: this.#argument.offset };
    const global = this.#called(opcode, callee);
    if (global === undefined) return this.#nameless();
    if (opcode !== "REDUCE") return inertObject(global, form, this.#budget);
    if (global.module === "copyreg") return this.#fromCopyreg(global, form);
    if (global.module === "_codecs" && global.name === "encode" && !isLatin1Encode(form.args)) {
      return this.forbid("encoding", "REDUCE would have called _codecs.encode with another encoding than latin1");
    }
    const [module, name] = form.args.items;
    if (typeof module === "string" && typeof name === "string" && form.args.items.length === 2) {
      if (this.#setup.nameMakers.includes(`${global.module}.${global.name}`)) return this.global(module, name);
    }
    return plainValue(global, form.args, this.#budget) ?? inertObject(global, form, this.#budget);
  }

  /** Sets the state of the object on the top; undefined when there is none (which is noted). */
  build(): PyObject | undefined {
    const state = this.pop();
    const target = this.top();
    if (isNode(target) && target.kind === "object") {
      this.#budget.allocate(slotBytes);
      target.states.push(state);
      return target;
    }
    this.forbid("build", `BUILD would have set the state of ${describeValue(target)}, which is no object`);
    return undefined;
  }

  extension(code: number): void {
    const { name } = this.#argument;
    this.stack.push(this.forbid("extension-code", `${name} names an object by the extension code ${code}`));
  }

  /** Notes what no allow-list can permit, and gives the object that stands in its place. */
  forbid(kind: ForbiddenUse["kind"], what: string): PyObject {
    const { name: opcode, offset } = this.#argument;
    const { forbidden } = this.#setup;
    if (forbidden.length < maxForbidden) forbidden.push({ kind, opcode, offset, what });
    return this.#nameless();
  }

  /** Makes (does not throw) the error of a stream that does not fit together. */
  unsound(problem: string): TrimaranError {
    const { offset, cursor } = this.#argument;
    return trimaranError("PICKLE_STACK", { name: cursor.name, problem, offset });
  }

  #tooFew(): TrimaranError {
    return this.unsound(`${this.#argument.name} finds too few values on the stack`);
  }

  #nameless(): PyObject {
    const { offset } = this.#argument;
    return inertObject(
      pyGlobal("", "", offset),
      { via: "reduce", args: pyTuple([]), kwargs: null, offset },
      this.#budget,
    );
  }

  // The node under the values from `first` up.
  #below(first: number): Extract<PyValue, { readonly kind: string }> {
    const { values, reachable } = this.stack;
    if (values.length - reachable >= first) throw this.#tooFew();
    const target = values[first - 1] as PyValue;
    if (!isNode(target)) throw this.unsound(`${this.#argument.name} fills ${describeValue(target)}`);
    return target;
  }

  #newDict(): PyDict {
    this.#budget.allocate(containerBytes);
    return { kind: "dict", keys: [], values: [] };
  }

  pushEmptyDict(): void {
    this.stack.push(this.#newDict());
  }

  #fill(dict: PyDict, first: number): void {
    const { values } = this.stack;
    const count = values.length - first;
    if (count % 2 === 1) throw this.unsound(`${this.#argument.name} finds a key without a value`);
    this.#budget.addItems(count);
    if (dict.keys.length === 0) this.#budget.allocate(2 * growthBytes);
    for (let i = first; i < values.length; i += 2) {
      const key = values[i] as PyValue;
      this.#assertHashable(key);
      dict.keys.push(key);
      dict.values.push(values[i + 1] as PyValue);
    }
    values.length = first;
  }

  #allowItems(count: number): void {
    this.#budget.allocate(containerBytes);
    this.#budget.addItems(count);
  }

  #assertHashable(key: PyValue): void {
    if (!isNode(key)) return;
    const { kind } = key;
    const changes =
      kind === "list" || kind === "dict" || (kind === "set" && !key.frozen) || (kind === "bytes" && key.mutable);
    if (changes) throw this.#argument.invalid(`${describeValue(key)} can be neither a key nor in a set`);
  }

  #asTuple(value: PyValue): PyTuple {
    if (isNode(value) && value.kind === "tuple") return value;
    throw this.#argument.invalid(`the arguments are ${describeValue(value)}, not a tuple`);
  }

  #called(opcode: CallOpcode | CopyregMaker, callee: PyValue | undefined): PyGlobal | undefined {
    if (isNode(callee) && callee.kind === "global") {
      this.#setup.register.call(callee, opcode, this.#argument.offset);
      return callee;
    }
    const nameless = isNode(callee) && callee.kind === "object" && callee.callee.module === "";
    const what = nameless ? "an object that has no name" : describeValue(callee);
    this.forbid("call", `${opcode} would have called ${what}, not a name`);
    return undefined;
  }

  // Protocols 0 and 1 make plain objects by `copyreg._reconstructor(cls, object, None)`, and some classes say
  // `copyreg.__newobj__(cls, …)`: both call a class that stands in the arguments, so it counts as called.
  #fromCopyreg(global: PyGlobal, form: CallForm): PyValue {
    const [cls, base, state] = form.args.items;
    if (global.name === "__newobj__") {
      const callee = this.#called("__newobj__", cls);
      if (callee === undefined) return this.#nameless();
      return inertObject(callee, { ...form, via: "newobj", args: this.tuple(form.args.items.slice(1)) }, this.#budget);
    }
    if (global.name !== "_reconstructor") return inertObject(global, form, this.#budget);
    if (form.args.items.length !== 3) throw this.#argument.invalid("copyreg._reconstructor takes three arguments");
    const plain = isNode(base) && base.kind === "global" && isObjectClass(base) && state === null;
    const callee = this.#called(plain ? "_reconstructor" : "REDUCE", cls);
    const parent = this.#called(plain ? "_reconstructor" : "REDUCE", base);
    if (callee === undefined || parent === undefined) return this.#nameless();
    return inertObject(
      plain ? callee : global,
      plain ? { ...form, via: "newobj", args: pyTuple([]) } : form,
      this.#budget,
    );
  }
}

function isObjectClass({ module, name }: PyGlobal): boolean {
  return module === "builtins" && name === "object";
}

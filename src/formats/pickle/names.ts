// The names that a stream asks for: Python-2 spellings made Python 3's, each pair kept once, with how it is called.
import type { PickleBudget } from "./limits.ts";
import type { CallOpcode, CopyregMaker, GlobalUse } from "./reading.ts";
import { type PyGlobal, pyGlobal } from "./tree.ts";

// Protocols 0 to 2 are written with Python-2 names, also by Python 3 (`fix_imports`; the tables of its _compat_pickle).
// What is missing here is audited under the name that the file says.
const renamedModules: ReadonlyMap<string, string> = new Map([
  ["__builtin__", "builtins"],
  ["copy_reg", "copyreg"],
  ["commands", "subprocess"],
]);

const renamedNames: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["__builtin__ xrange", ["builtins", "range"]],
  ["__builtin__ unicode", ["builtins", "str"]],
  ["__builtin__ basestring", ["builtins", "str"]],
  ["__builtin__ long", ["builtins", "int"]],
  ["__builtin__ unichr", ["builtins", "chr"]],
  ["__builtin__ intern", ["sys", "intern"]],
  ["__builtin__ reduce", ["functools", "reduce"]],
  ["UserDict UserDict", ["collections", "UserDict"]],
  ["UserList UserList", ["collections", "UserList"]],
  ["UserString UserString", ["collections", "UserString"]],
]);

interface OpenUse extends GlobalUse {
  readonly calls: { opcode: CallOpcode | CopyregMaker; offset: number }[];
}

/** Collects the names of a stream. In the tree every global is the one object that stands for its name. */
export class GlobalRegister {
  readonly #byModule: Map<string, Map<string, OpenUse>> = new Map();
  readonly #byGlobal: Map<PyGlobal, OpenUse> = new Map();
  readonly #budget: PickleBudget;

  constructor(budget: PickleBudget) {
    this.#budget = budget;
  }

  get uses(): readonly GlobalUse[] {
    return [...this.#byGlobal.values()];
  }

  /** The global of a name, noted at its first offset. */
  name(written: readonly [module: string, name: string], opcode: string, offset: number): PyGlobal {
    const [module, name] = toPython3(written);
    let names = this.#byModule.get(module);
    if (names === undefined) {
      names = new Map();
      this.#byModule.set(module, names);
    }
    let use = names.get(name);
    if (use === undefined) {
      if (this.#byGlobal.size >= this.#budget.limits.maxGlobals) {
        throw this.#budget.crossed("maxGlobals", "it asks for more names");
      }
      this.#budget.allocate(300);
      use = { global: pyGlobal(module, name, offset), opcode, calls: [] };
      names.set(name, use);
      this.#byGlobal.set(use.global, use);
    }
    return use.global;
  }

  /** Notes that an opcode calls the global. */
  call(global: PyGlobal, opcode: CallOpcode | CopyregMaker, offset: number): void {
    const calls = this.#byGlobal.get(global)?.calls;
    if (calls !== undefined && !calls.some((call) => call.opcode === opcode)) calls.push({ opcode, offset });
  }
}

function toPython3(written: readonly [string, string]): readonly [string, string] {
  const [module, name] = written;
  const renamed = renamedNames.get(`${module} ${name}`);
  if (renamed !== undefined) return renamed;
  return [renamedModules.get(module) ?? module, name];
}

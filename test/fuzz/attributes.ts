// Damages single attributes of inert model trees: lists and arrays that are too short or too long, NaN, unknown words.
import { isNode, type PyBytes, type PyDict, type PyObject, type PyValue } from "../../src/formats/pickle/tree.ts";

export interface Damage {
  /** `coef_: shorter` */
  readonly name: string;
  readonly apply: () => void;
  readonly undo: () => void;
}

/** Every damage of every attribute below `root`, deepest objects last; each object once. */
export function damages(root: PyValue): readonly Damage[] {
  const found: Damage[] = [];
  const seen = new Set<object>();
  const visit = (value: PyValue | undefined): void => {
    if (!isNode(value) || seen.has(value)) return;
    seen.add(value);
    if (value.kind === "object") {
      const state = value.states.at(-1);
      if (isNode(state) && state.kind === "dict") found.push(...ofAttributes(state, value));
      for (const each of [...value.args.items, ...value.states, ...value.appended, value.entries]) visit(each);
    } else if (value.kind === "dict") for (const each of value.values) visit(each);
    else if (value.kind === "list" || value.kind === "tuple") for (const each of value.items) visit(each);
  };
  visit(root);
  return found;
}

function ofAttributes(state: PyDict, owner: PyObject): readonly Damage[] {
  return state.keys.flatMap((key, at) => {
    const before = state.values[at] as PyValue;
    return damagedValues(before).map(({ what, value }): Damage => {
      const name = `${owner.callee.module === "copyreg" ? className(owner) : owner.callee.name}.${String(key)}: ${what}`;
      return {
        name,
        apply: () => {
          state.values[at] = value;
        },
        undo: () => {
          state.values[at] = before;
        },
      };
    });
  });
}

function className({ args }: PyObject): string {
  const [first] = args.items;
  return isNode(first) && first.kind === "global" ? first.name : "object";
}

interface Damaged {
  readonly what: string;
  readonly value: PyValue;
}

function damagedValues(value: PyValue): readonly Damaged[] {
  if (typeof value === "string") return [{ what: "unknown word", value: `${value}?` }];
  if (!isNode(value)) return [];
  if (value.kind === "list" && value.items.length > 0) {
    return [
      { what: "shorter", value: { kind: "list", items: value.items.slice(0, -1) } },
      { what: "longer", value: { kind: "list", items: [...value.items, value.items.at(-1) as PyValue] } },
    ];
  }
  return value.kind === "object" ? damagedArrays(value) : [];
}

/** Of an array that `numpy.ndarray.__reduce__` wrote: its state is (version, shape, dtype, is_fortran, bytes or list). */
function damagedArrays(object: PyObject): readonly Damaged[] {
  const [state] = object.states;
  if (!isNode(state) || state.kind !== "tuple" || state.items.length !== 5) return [];
  const [version, shape, dtype, fortran, data] = state.items;
  if (!isNode(shape) || shape.kind !== "tuple" || !isNode(data) || fortran === true) return [];
  const [rows, ...others] = shape.items;
  if (typeof rows !== "number" || rows === 0) return [];
  const made = (what: string, count: number, next: PyValue): Damaged => {
    const items = [
      version as PyValue,
      { kind: "tuple" as const, items: [count, ...others] },
      dtype as PyValue,
      false,
      next,
    ];
    return { what, value: { ...object, states: [{ kind: "tuple", items }] } };
  };
  if (data.kind === "list") {
    if (others.length > 0) return [];
    return [
      made("shorter", rows - 1, { kind: "list", items: data.items.slice(0, -1) }),
      made("longer", rows + 1, { kind: "list", items: [...data.items, data.items.at(-1) as PyValue] }),
    ];
  }
  if (data.kind !== "bytes") return [];
  const step = data.value.length / rows;
  const last = data.value.subarray(data.value.length - step);
  const damaged = [
    made("shorter", rows - 1, withBytes(data, data.value.slice(0, -step))),
    made("longer", rows + 1, withBytes(data, Uint8Array.from([...data.value, ...last]))),
  ];
  if (!isDouble(dtype)) return damaged;
  // A Buffer's slice would share the memory of the file.
  const bytes = Uint8Array.from(data.value);
  new DataView(bytes.buffer).setFloat64(bytes.length - 8, Number.NaN, true);
  return [...damaged, made("NaN", rows, withBytes(data, bytes))];
}

function withBytes({ mutable }: PyBytes, value: Uint8Array): PyBytes {
  return { kind: "bytes", value, mutable };
}

function isDouble(dtype: PyValue | undefined): boolean {
  return isNode(dtype) && dtype.kind === "object" && dtype.args.items[0] === "f8";
}

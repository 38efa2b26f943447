// Damages single attributes of inert model trees: lists and arrays that are too short or too long, NaN, unknown words, arrays
// whose bytes are said to be of another type; and attributes of one object that have changed places.
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
      if (isNode(state) && state.kind === "dict") found.push(...ofAttributes(state, value), ...swaps(state, value));
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
      const name = `${nameOf(owner)}.${String(key)}: ${what}`;
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

/** Each attribute that is an array or a list, and the next of that sort. */
function swaps(state: PyDict, owner: PyObject): readonly Damage[] {
  const places = [...state.values.keys()].filter((at) => {
    const value = state.values[at];
    return isNode(value) && (value.kind === "list" || (value.kind === "object" && damagedArrays(value).length > 0));
  });
  return places.slice(1).map((at, index): Damage => {
    const other = places[index] as number;
    const swap = (): void => {
      const before = state.values[at] as PyValue;
      state.values[at] = state.values[other] as PyValue;
      state.values[other] = before;
    };
    const name = `${nameOf(owner)}.${String(state.keys[at])}: swapped with ${String(state.keys[other])}`;
    return { name, apply: swap, undo: swap };
  });
}

function nameOf(owner: PyObject): string {
  return owner.callee.module === "copyreg" ? className(owner) : owner.callee.name;
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
  const damaged: Damaged[] = [
    made("shorter", rows - 1, withBytes(data, data.value.slice(0, -step))),
    made("longer", rows + 1, withBytes(data, Uint8Array.from([...data.value, ...last]))),
  ];
  const typed = otherDtypes(dtype).map(({ what, dtype: other }): Damaged => {
    const items = [version as PyValue, shape, other, false, data];
    return { what, value: { ...object, states: [{ kind: "tuple", items }] } };
  });
  damaged.push(...typed);
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

/** The same bytes as other types of the same size, as a smaller one, and as objects. */
function otherDtypes(dtype: PyValue | undefined): readonly { readonly what: string; readonly dtype: PyValue }[] {
  if (!isNode(dtype) || dtype.kind !== "object") return [];
  const [own, ...rest] = dtype.args.items;
  return ["f8", "i8", "u8", "f4", "S8", "U2", "b1", "O8", "M8"]
    .filter((code) => code !== own)
    .map((code) => ({
      what: `dtype ${code}`,
      dtype: { ...dtype, args: { kind: "tuple" as const, items: [code, ...rest] } },
    }));
}

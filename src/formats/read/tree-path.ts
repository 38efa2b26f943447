// Where classes stand inside of a file, as a Python user would write it: `steps[1].named_transformers_['cat']`. Bounded, so
// that a hostile tree costs a fixed amount, and safe against cycles.
import { dictGet, isNode, type PyDict, type PyNode, type PyObject, type PyValue } from "../pickle/tree.ts";

const maxVisits = 200_000;
/** A path is for people. */
const maxPathChars = 200;

/** The first place of each class, by `module.Class`; `""` is the root. What was not found within the bound is left out. */
export function classPaths(root: PyValue, classes: ReadonlySet<string>): ReadonlyMap<string, string> {
  const objects = new Map<string, string>();
  const named = new Map<string, string>();
  const seen = new Set<PyNode>();
  const queue: Place[] = [{ value: root, path: "" }];
  for (let next = 0; next < queue.length && objects.size < classes.size; next++) {
    const { value, path } = queue[next] as Place;
    if (!isNode(value) || seen.has(value)) continue;
    seen.add(value);
    if (value.kind === "object") note(objects, `${value.callee.module}.${value.callee.name}`, path);
    if (value.kind === "global") note(named, `${value.module}.${value.name}`, path);
    for (const place of placesIn(value, path)) if (queue.length < maxVisits) queue.push(place);
  }
  return new Map([...named, ...objects]);

  function note(into: Map<string, string>, className: string, path: string): void {
    if (classes.has(className) && !into.has(className)) into.set(className, path);
  }
}

interface Place {
  readonly value: PyValue;
  readonly path: string;
}

/** Only nodes: numbers and strings hold nothing. */
function placesIn(node: PyNode, path: string): readonly Place[] {
  switch (node.kind) {
    case "object":
      return [...stateOf(node, path), ...itemsOf(node.appended, path), ...itemsOf(node.args.items, path)];
    case "tuple":
    case "list":
    case "set":
      return itemsOf(node.items, path);
    case "dict":
      return entriesOf(node, (key) => `${path}[${quoted(key)}]`);
    default:
      return [];
  }
}

/** Attributes that `fit` made come first: a composition holds its unfitted parts too. */
function stateOf(node: PyObject, path: string): readonly Place[] {
  const places = node.entries === null ? [] : [...entriesOf(node.entries, (key) => `${path}[${quoted(key)}]`)];
  for (const state of node.states) {
    if (!isNode(state)) continue;
    if (state.kind === "dict") places.push(...attributePlaces(state, path));
    else if (state.kind === "tuple") {
      // (dict, slots), or the parts of an array: its objects are the list among them.
      for (const part of state.items) {
        if (isNode(part) && part.kind === "dict") places.push(...attributePlaces(part, path));
        else if (isNode(part) && part.kind === "list") places.push(...itemsOf(part.items, path));
        else if (isNode(part)) places.push({ value: part, path });
      }
    } else places.push({ value: state, path });
  }
  return places;
}

function attributePlaces(attributes: PyDict, path: string): readonly Place[] {
  const places = entriesOf(attributes, (key) => join(path, key)).flatMap((place) => namedParts(place));
  return [...places.filter(({ path: each }) => isFitted(each)), ...places.filter(({ path: each }) => !isFitted(each))];
}

function isFitted(path: string): boolean {
  return /_(\[[^\]]*\])?$/.test(path);
}

/** `steps` and its like are lists of (name, part, …): the part is what stands at `steps[1]`. */
function namedParts({ value, path }: Place): readonly Place[] {
  if (!isNode(value) || value.kind !== "list" || value.items.length === 0 || !value.items.every(isNamedPart)) {
    return [{ value, path }];
  }
  return value.items.flatMap((item, index) => {
    const [name, part] = isNode(item) && item.kind === "tuple" ? item.items : [];
    const at = path.endsWith("transformers_")
      ? `${path.slice(0, -"transformers_".length)}named_transformers_[${quoted(String(name))}]`
      : `${path}[${index}]`;
    return isNode(part) ? [{ value: part, path: at }] : [];
  });
}

function isNamedPart(value: PyValue): boolean {
  return isNode(value) && value.kind === "tuple" && value.items.length >= 2 && typeof value.items[0] === "string";
}

function entriesOf(dict: PyDict, pathOf: (key: string) => string): Place[] {
  const places: Place[] = [];
  for (const [index, key] of dict.keys.entries()) {
    const value = dict.values[index];
    if (!isNode(value) || places.length >= maxVisits) continue;
    const shown = typeof key === "string" ? key : String(index);
    if (typeof key !== "string" || dictGet(dict, key) === value) places.push({ value, path: pathOf(shown) });
  }
  return places;
}

function itemsOf(items: readonly PyValue[], path: string): readonly Place[] {
  const places: Place[] = [];
  for (const [index, value] of items.entries()) {
    if (isNode(value) && places.length < maxVisits) places.push({ value, path: cut(`${path}[${index}]`) });
  }
  return places;
}

function join(path: string, key: string): string {
  return cut(path === "" ? key : `${path}.${key}`);
}

function quoted(key: string): string {
  return `'${key.slice(0, 60)}'`;
}

function cut(path: string): string {
  return path.length > maxPathChars ? `${path.slice(0, maxPathChars)}…` : path;
}

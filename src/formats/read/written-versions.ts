// The versions that the objects of a file say wrote them, for `inspect`. Bounded: a hostile tree costs a fixed amount.
import { dictGet, isNode, type PyNode, type PyValue } from "../pickle/tree.ts";

const maxVisits = 200_000;

/** `{ "scikit-learn": ["1.5.1"] }`; several versions when steps were pickled again by another one. */
export function writtenVersions(root: PyValue): Readonly<Record<string, readonly string[]>> {
  const found = new Set<string>();
  const seen = new Set<PyNode>();
  const stack: PyValue[] = [root];
  while (stack.length > 0 && seen.size < maxVisits) {
    const value = stack.pop();
    if (!isNode(value) || seen.has(value)) continue;
    seen.add(value);
    if (value.kind === "dict") {
      const version = dictGet(value, "_sklearn_version");
      if (typeof version === "string" && /^[\w.+-]{1,40}$/.test(version)) found.add(version);
      pushAll(stack, value.values);
    } else if (value.kind === "tuple" || value.kind === "list") pushAll(stack, value.items);
    else if (value.kind === "object") {
      pushAll(stack, value.states);
      pushAll(stack, value.args.items);
    }
  }
  return found.size === 0 ? {} : { "scikit-learn": [...found].sort() };
}

/** A list of a million numbers holds nothing to look into: only nodes are pushed. */
function pushAll(stack: PyValue[], values: readonly PyValue[]): void {
  for (const value of values) if (isNode(value) && stack.length < maxVisits) stack.push(value);
}

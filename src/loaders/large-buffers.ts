// The buffers inside a value that are worth moving to another thread instead of copying.

/** Small ones are copied: Node keeps some of them in a pool that cannot be moved. */
const leastBytes = 65_537;

/** Of plain data: records, arrays, maps and typed arrays. */
export function largeBuffers(value: unknown): readonly ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (ArrayBuffer.isView(next)) {
      if (next.buffer instanceof ArrayBuffer && next.buffer.byteLength >= leastBytes) found.add(next.buffer);
    } else if (next instanceof Map) {
      for (const each of next.values()) open.push(each);
    } else if (Array.isArray(next)) {
      // Lists of names and labels are long; whatever holds arrays is an object.
      for (const each of next) if (typeof each === "object") open.push(each);
    } else for (const each of Object.values(next)) open.push(each);
  }
  return [...found];
}

// A container for tests, in the manner of joblib: after the BUILD of a NumpyArrayWrapper come the raw bytes of an array of
// doubles, or, for an array of objects, a whole pickle.
import type { ByteCursor } from "../../../src/base/byte-cursor.ts";
import type { PickleContainer } from "../../../src/formats/pickle/reading.ts";
import { dictGet, isNode, type PyObject, type PyValue } from "../../../src/formats/pickle/tree.ts";

export const numpyArrays: PickleContainer = {
  afterBuild(object: PyObject, cursor: ByteCursor, nested: (start: number) => PyValue): PyValue | undefined {
    const state = object.states[0];
    if (object.callee.name !== "NumpyArrayWrapper" || !isNode(state) || state.kind !== "dict") return undefined;
    const dtype = dictGet(state, "dtype");
    const shape = dictGet(state, "shape");
    if (!isNode(dtype) || dtype.kind !== "object" || !isNode(shape) || shape.kind !== "tuple") return undefined;
    if (String(dtype.args.items[0]).startsWith("O")) return nested(cursor.offset);
    if (dictGet(state, "numpy_array_alignment_bytes") === 16) {
      cursor.skip(cursor.u8("padding"), "padding");
    }
    const items = shape.items.reduce<number>((product, size) => product * Number(size), 1);
    return { kind: "bytes", value: cursor.take(8 * items, "an array"), mutable: false };
  },
};

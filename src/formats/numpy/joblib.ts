// Arrays of joblib: raw bytes between the opcodes of a pickle.
//
// stream: … NEWOBJ joblib.numpy_pickle.NumpyArrayWrapper · BUILD {subclass, shape, order "C"|"F", dtype, allow_mmap
//         [, numpy_array_alignment_bytes]} · payload · opcodes go on …
// payload, objects inside the dtype: a whole pickle of the array, PROTO … STOP
// payload, otherwise: [padding length u8 · padding, when numpy_array_alignment_bytes is there and not None (joblib ≥ 1.2)] ·
//                     item size · product of shape bytes, in the given order
import type { ByteCursor } from "../../base/byte-cursor.ts";
import { trimaranError } from "../../base/errors.ts";
import type { PickleContainer } from "../pickle/reading.ts";
import { dictGet, isNode, type PyDict, type PyObject, type PyValue, pyGlobal, pyObject } from "../pickle/tree.ts";
import { arrayError, elementCount, shapeOf } from "./array-errors.ts";
import { hasObjects, readDType } from "./dtype.ts";

/** scikit-learn before 0.23 had a joblib of its own. */
export const joblibModules: readonly string[] = ["joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle"];
const compatModules: readonly string[] = ["joblib.numpy_pickle_compat", "sklearn.externals.joblib.numpy_pickle_compat"];
const legacyClasses: readonly string[] = ["NDArrayWrapper", "ZNDArrayWrapper"];

/** The container of one file; `arrays` counts how many arrays it took. */
export interface JoblibContainer extends PickleContainer {
  readonly arrays: number;
}

/** Replaces every array wrapper by what numpy's own pickle of that array would have been. */
export function joblibContainer(): JoblibContainer {
  let arrays = 0;
  return {
    get arrays() {
      return arrays;
    },
    afterBuild(object, cursor, nested) {
      const { module, name } = object.callee;
      const isJoblib = joblibModules.includes(module);
      if (legacyClasses.includes(name) && (isJoblib || compatModules.includes(module))) {
        throw trimaranError("FORMAT_FEATURE", { name: cursor.name, feature: "array files of joblib 0.9 and older" });
      }
      if (!isJoblib || name !== "NumpyArrayWrapper") return undefined;
      arrays++;
      return readPayload(object, cursor, nested);
    },
  };
}

type ReadNested = (start: number) => PyValue;

function readPayload(wrapper: PyObject, cursor: ByteCursor, nested: ReadNested): PyValue {
  const path = `the array at offset ${cursor.offset}`;
  const [state] = wrapper.states;
  if (wrapper.states.length !== 1 || !isNode(state) || state.kind !== "dict") throw arrayError(path, "it has no state");
  const shapeValue = dictGet(state, "shape");
  const dtypeValue = dictGet(state, "dtype");
  const order = dictGet(state, "order");
  const dtype = readDType(dtypeValue, path);
  if (hasObjects(dtype)) return nested(cursor.offset);
  if (order !== "C" && order !== "F") throw arrayError(path, "its order is neither C nor F");
  const count = elementCount(shapeOf(shapeValue, path), path) * dtype.itemsize;
  if (isPadded(state)) cursor.skip(cursor.u8("the padding of an array"), "the padding of an array");
  const offset = cursor.offset;
  const value = cursor.take(count, "an array");
  const callee = pyGlobal("numpy._core.numeric", "_frombuffer", offset);
  const data = { kind: "bytes", value, mutable: false } as const;
  return pyObject(callee, [data, dtypeValue ?? null, shapeValue ?? null, order]);
}

function isPadded(state: PyDict): boolean {
  const alignment = dictGet(state, "numpy_array_alignment_bytes");
  return alignment !== undefined && alignment !== null;
}

// Which names of a pickle build arrays, dtypes and numpy scalars, under all module names that numpy has had.
import { isNode, type PyGlobal, type PyValue } from "../pickle/tree.ts";

/** `numpy._core` is numpy 2; the others are older, some of one release only. */
export const multiarrayModules: readonly string[] = [
  "numpy.core.multiarray",
  "numpy._core.multiarray",
  "numpy.core._multiarray_umath",
  "numpy._core._multiarray_umath",
  "numpy.core._internal",
];
export const numericModules: readonly string[] = ["numpy.core.numeric", "numpy._core.numeric"];

/** How numpy before 1.20 pickled a ufunc: the function that fetches it, with its module and name as strings. */
export const ufuncMakers: readonly string[] = ["numpy.core._ufunc_reconstruct", "numpy._core._ufunc_reconstruct"];

/** Modules and class names of ndarray and of its subclasses that hold nothing more than an array. */
export const arrayClasses: Readonly<Record<string, readonly string[]>> = {
  numpy: ["ndarray", "matrix", "memmap", "recarray"],
  "numpy.matrixlib.defmatrix": ["matrix"],
  "numpy.core.memmap": ["memmap"],
  "numpy._core.memmap": ["memmap"],
  "numpy.core.records": ["recarray"],
  "numpy._core.records": ["recarray"],
  "numpy.rec": ["recarray"],
};

export type NumpyRole = "reconstruct" | "frombuffer" | "scalar" | "dtype" | "array-class";

/** What a name stands for, or undefined when it is none of numpy's array constructors. */
export function numpyRole(global: PyGlobal): NumpyRole | undefined {
  const { module, name } = global;
  if (name === "_reconstruct" && multiarrayModules.includes(module)) return "reconstruct";
  if (name === "_frombuffer" && numericModules.includes(module)) return "frombuffer";
  if (name === "scalar" && multiarrayModules.includes(module)) return "scalar";
  if (name === "dtype" && module === "numpy") return "dtype";
  return isArrayClass(global) ? "array-class" : undefined;
}

export function isArrayClass(value: PyValue | undefined): boolean {
  if (!isNode(value) || value.kind !== "global") return false;
  return Object.hasOwn(arrayClasses, value.module) && (arrayClasses[value.module]?.includes(value.name) ?? false);
}

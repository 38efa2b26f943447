// `classes_` of classifiers: one list of labels, or a list of lists where there are several outputs.
import type { Label } from "../../data/predictions.ts";
import { isArray, readArray } from "../numpy/ndarray.ts";
import { toLabels } from "../numpy/to-labels.ts";
import { arrayOf, attribute, attributeError, type Instance, itemsOf, pathOf, wrote } from "./instance.ts";

/** One list of labels an output. @throws MODEL_ATTRIBUTE when a list is empty or names a class twice */
export function classLists(self: Instance): readonly (readonly Label[])[] {
  const lists = isArray(attribute(self, "classes_"))
    ? [toLabels(arrayOf(self, "classes_"))]
    : itemsOf(self, "classes_").map((item, index) =>
        toLabels(readArray(item, `${pathOf(self, "classes_")}[${index}]`)),
      );
  if (lists.length === 0 || lists.some((labels) => labels.length === 0)) {
    throw attributeError(self, "classes_", "it names no class");
  }
  if (lists.some((labels) => new Set(labels.map(plainValue)).size !== labels.length)) {
    throw attributeError(self, "classes_", "it names a class twice");
  }
  return lists;
}

/**
 * The labels that a tree or forest answers. Until 0.20 the labels of several outputs were kept as floats; null where they are
 * not numbers, which those versions could not answer.
 */
export function answeredLists(self: Instance): readonly (readonly Label[])[] | null {
  const lists = classLists(self);
  if (lists.length === 1 || wrote(self, 0, 21)) return lists;
  if (lists.flat().some((label) => label.type === "string")) return null;
  return lists.map((labels) => labels.map((label): Label => ({ type: "float", value: Number(label.value) })));
}

/** The labels of a classifier with one output. */
export function classList(self: Instance): readonly Label[] {
  const [labels, ...others] = classLists(self);
  if (labels === undefined || others.length > 0) throw attributeError(self, "classes_", "one list was expected");
  return labels;
}

/** The position of a label, by value as Python compares them: 1, 1.0 and True are equal. -1 when it is absent. */
export function labelIndex(labels: readonly Label[], label: Label): number {
  return labels.findIndex((each) => plainValue(each) === plainValue(label));
}

function plainValue({ value }: Label): string | number | bigint {
  return typeof value === "boolean" ? Number(value) : value;
}

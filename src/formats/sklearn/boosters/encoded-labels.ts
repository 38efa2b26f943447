// The labels that a wrapper's own label encoder keeps.
import type { Label } from "../../../data/predictions.ts";
import { classList } from "../class-labels.ts";
import { attribute, has, type Instance, instanceOf, pathOf } from "../instance.ts";

/** `classes_` of the encoder `name`; null where there is none. @throws MODEL_ATTRIBUTE */
export function encodedLabels(self: Instance, name: string): readonly Label[] | null {
  if (!has(self, name)) return null;
  const encoder = instanceOf(attribute(self, name), pathOf(self, name), self);
  return encoder === undefined || !has(encoder, "classes_") ? null : classList(encoder);
}

// A feature as data: what `deployment.yaml` writes, after it was read.
import type { Cell } from "../data/batch.ts";

/** Of a template `texts` are one more than `names`, and stand around them. */
export type FeatureExpression =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "constant"; readonly value: Cell }
  | { readonly kind: "template"; readonly texts: readonly string[]; readonly names: readonly string[] };
